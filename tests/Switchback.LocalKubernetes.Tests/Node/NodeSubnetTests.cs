using System.Net;
using Switchback.LocalKubernetes.Network;

namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>Which network a platform takes: brokers and applications know its node by it.</summary>
public sealed class NodeSubnetTests
{
    [Fact]
    public void A_platform_that_comes_back_takes_the_network_it_had_unless_somebody_else_has_it_now()
    {
        var memory = Path.Combine(Directory.CreateTempSubdirectory("subnet-").FullName, "subnet");
        using var first = NodeSubnet.Claim(memory);
        Assert.Equal(first.NodeAddress, IPAddress.Parse(File.ReadAllText(memory).Trim()));

        File.WriteAllText(memory, "10.253.7.1\n");
        IPAddress other;
        using (var known = NodeSubnet.Claim(memory))
        {
            Assert.Equal(IPAddress.Parse("10.253.7.1"), known.NodeAddress);
            using var twin = NodeSubnet.Claim(memory);
            Assert.NotEqual(known.NodeAddress, other = twin.NodeAddress);
        }

        using var again = NodeSubnet.Claim(memory);
        Assert.Equal(other, again.NodeAddress);
    }
}
