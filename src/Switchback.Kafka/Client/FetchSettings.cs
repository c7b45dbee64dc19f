namespace Switchback.Kafka.Client;

/// <summary>How a fetch waits and how much it takes.</summary>
public sealed record FetchSettings
{
    /// <summary>How long the broker may wait for <see cref="MinBytes"/>; 500 ms by default.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bytes the broker waits for; 1 by default.</summary>
    public int MinBytes { get; init; } = 1;

    /// <summary>Bytes of a whole response; 50 MiB by default. The first batch comes whole whatever its size.</summary>
    public int MaxBytes { get; init; } = 50 << 20;

    /// <summary>Bytes of one partition; 1 MiB by default.</summary>
    public int PartitionMaxBytes { get; init; } = 1 << 20;

    /// <summary>Which records are seen; read uncommitted by default.</summary>
    public IsolationLevel Isolation { get; init; }
}

/// <summary>Where a fetch begins.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The first offset wanted.</param>
/// <param name="LeaderEpoch">The leader epoch the reader knows, so that a stale leader is noticed (KIP-320); -1 for none.</param>
public readonly record struct FetchPosition(TopicPartition Partition, long Offset, int LeaderEpoch = -1);

/// <summary>What a fetch brought for one partition, whatever the version it was asked at.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Data">The partition's part of the response; its records are whole batches and perhaps one cut off.</param>
public readonly record struct FetchedPartition(TopicPartition Partition, Messages.FetchResponse.PartitionData Data);
