using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Rewriting;

public sealed class SchemaCoverageTests
{
    /// <summary>Addresses in these are those of applications (KIP-1071: what streams applications tell each other), not of brokers.</summary>
    private static readonly string[] ApplicationAddresses = ["StreamsGroupHeartbeat", "StreamsGroupDescribe"];

    public static TheoryData<string> ResponsesWithAddresses => [.. ApiTable.All.Select(api => api.Name).Where(CarriesAddress)];

    [Theory]
    [MemberData(nameof(ResponsesWithAddresses))]
    public void EveryResponseThatCarriesAnAddressIsRewritten(string name)
    {
        if (ApplicationAddresses.Contains(name))
        {
            return;
        }

        var api = ApiTable.All.Single(api => api.Name == name);
        var isTail = ResponseType(name).GetProperty("NodeEndpoints") is not null;
        if (!isTail)
        {
            Assert.True(ResponseRewriter.Rewrites(api.Key), $"{name} carries an address and is not rewritten");
            return;
        }

        for (var version = api.LowestVersion; version <= api.HighestVersion; version++)
        {
            Assert.Equal(HasEndpoints(name, version), TailLayout.Of(api.Key, version) is not null);
        }
    }

    [Fact]
    public void TheKnownOnesAreFound()
    {
        string[] expected = ["Produce", "Fetch", "Metadata", "FindCoordinator", "DescribeCluster", "ShareFetch", "ShareAcknowledge"];
        Assert.Subset(ApiTable.All.Select(api => api.Name).Where(CarriesAddress).ToHashSet(), expected.ToHashSet());
    }

    internal static Type ResponseType(string name) => typeof(MetadataResponse).Assembly.GetType($"Switchback.Kafka.Messages.{name}Response", throwOnError: true)!;

    private static bool CarriesAddress(string name) =>
        Filled.TypesBelow(ResponseType(name)).Any(type => type.GetProperty("Host") is not null && type.GetProperty("Port") is not null);

    /// <summary>Whether the endpoints make a difference to the bytes at this version.</summary>
    private static bool HasEndpoints(string name, short version)
    {
        using var with = new Kafka.Wire.WireWriter();
        using var without = new Kafka.Wire.WireWriter();
        var message = (IKafkaMessage)Activator.CreateInstance(ResponseType(name))!;
        message.Write(without, version);
        var endpoints = ResponseType(name).GetProperty("NodeEndpoints")!;
        var element = endpoints.PropertyType.GenericTypeArguments[0];
        ((System.Collections.IList)endpoints.GetValue(message)!).Add(Filled.Fill(Activator.CreateInstance(element)!, flexible: false));
        try
        {
            message.Write(with, version);
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return !with.Written.Span.SequenceEqual(without.Written.Span);
    }
}
