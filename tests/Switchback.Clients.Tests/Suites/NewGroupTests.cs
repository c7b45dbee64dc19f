using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>Groups whose members the brokers assign (KIP-848, group.protocol=consumer): Apache Kafka has them, and the proxy passes them. The embedded cluster does not announce them.</summary>
public sealed class NewGroupTests(Clusters clusters)
{
    public static TheoryData<string, Target> Cases
    {
        get
        {
            var cases = new TheoryData<string, Target>();
            foreach (var client in ForeignClient.All.Where(client => client.HasNewGroups))
            {
                cases.Add(client.Name, Target.Apache);
                cases.Add(client.Name, Target.ApacheThroughProxy);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_shares_partitions_with_a_second_member_and_takes_them_back(string client, Target target)
    {
        var work = new ClientAtWork(ForeignClient.All.Single(known => known.Name == client), clusters, target);
        return work.UseAsync(judge => GroupSharing.PlayAsync(work, judge, newProtocol: true));
    }
}
