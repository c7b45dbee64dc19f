using Switchback.Drills.Scenarios;
using Switchback.Kafka.Client;

namespace Switchback.Drills.Running.Clusters;

/// <summary>Creates a scenario's topics on the clusters that have them.</summary>
internal static class TopicSetup
{
    public static async Task CreateAsync(Scenario scenario, IEnumerable<DrillCluster> clusters, CancellationToken cancellation) =>
        await Task.WhenAll(clusters.Select(cluster => CreateAsync(cluster, scenario, cancellation)));

    private static async Task CreateAsync(DrillCluster cluster, Scenario scenario, CancellationToken cancellation)
    {
        var replication = (short)Math.Min(3, cluster.BootstrapServers.Count);
        var topics = scenario.Topics.Values.Where(topic => topic.On.Contains(cluster.Name)).Select(topic => new NewTopic(topic.Name, topic.Partitions, replication)).ToList();
        try
        {
            await using var client = cluster.Connect();
            await client.CreateTopicsAsync(topics, cancellation);
            await client.WaitForLeadersAsync([.. topics.Select(topic => topic.Name)], cancellation);
        }
        catch (Exception error) when (error is KafkaConnectionException or KafkaErrorException or TimeoutException or NotSupportedException)
        {
            throw new DrillException($"the topics could not be created on {cluster.Name}: {error.Message}");
        }
    }
}
