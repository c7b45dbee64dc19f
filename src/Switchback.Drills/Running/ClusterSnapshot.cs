using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Clusters;
using Switchback.Drills.Scenarios;
using Switchback.Kafka.Client;

namespace Switchback.Drills.Running;

/// <summary>Reads a whole cluster into the ledger: the scenario's topics, and the mirrors' copies of them.</summary>
internal static class ClusterSnapshot
{
    public static async Task<SnapshotFact> TakeAsync(DrillWorld world, DrillCluster cluster, SnapshotMoment moment, CancellationToken cancellation)
    {
        try
        {
            await using var client = cluster.Connect();
            var reader = new ClusterReader(cluster.Name, client, topic => Concerns(world.Scenario, topic));
            return await world.Ledger.WriteSnapshotAsync(cluster.Name, moment, reader.ReadAsync(cancellation), world.Clock, cancellation);
        }
        catch (Exception error) when (error is KafkaConnectionException or KafkaErrorException or TimeoutException or InvalidDataException)
        {
            throw new DrillException($"{cluster.Name} could not be read whole, so nothing can be said of its records: {error.Message}");
        }
    }

    private static bool Concerns(Scenario scenario, string topic) =>
        scenario.Topics.ContainsKey(topic)
        || scenario.Links.Values.Any(link => topic.StartsWith(link.Prefix, StringComparison.Ordinal) && scenario.Topics.ContainsKey(topic[link.Prefix.Length..]));
}
