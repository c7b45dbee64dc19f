using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>One client, pointed at one target.</summary>
internal sealed class ClientAtWork(ForeignClient client, Clusters clusters, Target target)
{
    /// <summary>How long a client may take for anything: two dozen of them, half of them JVMs, share a few cores with two clusters.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(3);

    public ForeignClient Client => client;

    public TestedCluster Cluster { get; } = clusters[target];

    /// <summary>Where the client goes; known while the cluster is used.</summary>
    public ClientTarget Pointed => target is Target.EmbeddedThroughProxy or Target.ApacheThroughProxy ? Cluster.ThroughProxy : Cluster.Direct;

    /// <summary>Lets the client work beside others, or skips the test with the reason why it cannot.</summary>
    public async Task UseAsync(Func<Judge, Task> use)
    {
        await RequireAsync();
        await Cluster.UseAsync(async () =>
        {
            await using var judge = new Judge(Cluster.Direct);
            await use(judge);
        });
    }

    /// <summary>What the client saw when the cluster was killed that it should not have seen, or null.</summary>
    public async Task<string?> CrashAsync()
    {
        await RequireCrashAsync();
        return (await Cluster.CrashAsync()).WhatWentWrong(client, Pointed);
    }

    /// <summary>What became of the transactions that were under way when a broker died, or null where they are complete.</summary>
    public async Task<string?> CrashedTransactionsAsync()
    {
        await RequireCrashAsync();
        return (await Cluster.CrashAsync()).WhatWentWrongWithTransactions;
    }

    /// <summary>A name that no other test has, for a topic, a group or a transactional id.</summary>
    public string NewName(string what) => $"{what}-{client.Name.TrimStart('@').Replace('/', '-')}-{Guid.NewGuid():N}";

    /// <summary>Three Apache brokers that die under every client and come back take longer than <c>./test</c> has.</summary>
    private async Task RequireCrashAsync()
    {
        await RequireAsync();
        Assert.SkipWhen(target is Target.Apache or Target.ApacheThroughProxy && !Campaigns.AreAskedFor, "a killed Apache Kafka under every client: ./test --long");
    }

    private async Task RequireAsync()
    {
        var missing = await client.WhyMissingAsync();
        Assert.SkipWhen(missing is not null, missing ?? "");
    }
}
