namespace Switchback.Kafka.Client;

/// <summary>A topic to create.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions; -1 for the broker's default.</param>
/// <param name="ReplicationFactor">How many replicas; -1 for the broker's default.</param>
/// <param name="Configuration">Topic configuration, or null for the broker's defaults.</param>
public sealed record NewTopic(
    string Name, int Partitions = -1, short ReplicationFactor = -1, IReadOnlyDictionary<string, string>? Configuration = null);
