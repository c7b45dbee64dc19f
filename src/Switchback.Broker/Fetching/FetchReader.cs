using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Fetching;

/// <summary>One partition's answer before its bytes are read: they are read once, when the answer is final.</summary>
internal readonly record struct FetchedSlice(FetchedPartition Partition, FetchResponse.PartitionData Data, LogSlice Slice, PartitionLog? Log);

/// <summary>Finds what a fetch can answer now.</summary>
internal sealed class FetchReader(Cluster cluster, FetchRequest request, RequestContext context)
{
    private readonly bool _committedOnly = request.IsolationLevel == 1;

    /// <summary>All partitions' answers, in order, within the size asked for; with the bytes found, and whether it should be sent at once.</summary>
    public (List<FetchedSlice> Slices, long Bytes, bool Urgent) Read(IReadOnlyList<FetchedPartition> partitions)
    {
        var slices = new List<FetchedSlice>(partitions.Count);
        long left = Math.Min(request.MaxBytes, cluster.Settings.Int("fetch.max.bytes"));
        var (bytes, urgent) = (0L, false);
        foreach (var partition in partitions)
        {
            var slice = Read(partition, left, wholeFirst: bytes == 0);
            slices.Add(slice);
            bytes += slice.Slice.Length;
            left -= slice.Slice.Length;
            urgent |= slice.Data.ErrorCode != KafkaError.None || slice.Data.DivergingEpoch.EndOffset >= 0;
        }

        return (slices, bytes, urgent);
    }

    /// <summary>Has the answer carry a slice's bytes; none when retention deleted the file meanwhile.</summary>
    public void Fill(in FetchedSlice slice)
    {
        slice.Data.Records = ReadOnlyMemory<byte>.Empty;
        if (slice.Slice.Length == 0)
            return;
        try
        {
            slice.Data.Records = context.Response.Carry(slice.Slice);
        }
        catch (ObjectDisposedException)
        {
            slice.Data.ErrorCode = KafkaError.OffsetOutOfRange;
        }
    }

    public PartitionLog? LogOf(FetchedPartition partition) => Find(partition)?.Log;

    private Partition? Find(FetchedPartition partition)
    {
        var topic = context.Version >= 13 ? cluster.Topics.Find(partition.TopicId) : cluster.Topics.Find(partition.Topic);
        return topic is not null && (uint)partition.Asked.Partition < (uint)topic.Partitions.Count ? topic.Partitions[partition.Asked.Partition] : null;
    }

    private FetchedSlice Read(FetchedPartition fetched, long left, bool wholeFirst)
    {
        var asked = fetched.Asked;
        var data = new FetchResponse.PartitionData { PartitionIndex = asked.Partition, HighWatermark = -1 };
        var partition = Find(fetched);
        data.ErrorCode = partition is null && context.Version >= 13 && cluster.Topics.Find(fetched.TopicId) is null
            ? KafkaError.UnknownTopicId
            : LeaderCheck.Check(partition, context.Broker, asked.CurrentLeaderEpoch);
        if (data.ErrorCode != KafkaError.None)
        {
            if (data.ErrorCode is KafkaError.NotLeaderOrFollower or KafkaError.FencedLeaderEpoch && context.Version >= 12)
                data.CurrentLeader = new() { LeaderId = partition!.Leader, LeaderEpoch = partition.LeaderEpoch };
            return new FetchedSlice(fetched, data, LogSlice.Empty, null);
        }

        var log = partition!.Log;
        var stable = log.LastStableOffset;
        (data.HighWatermark, data.LastStableOffset, data.LogStartOffset) = (log.EndOffset, stable, log.StartOffset);
        if (Diverges(log, asked, data))
            return new FetchedSlice(fetched, data, LogSlice.Empty, log);
        var limit = _committedOnly ? stable : long.MaxValue;
        data.ErrorCode = log.Read(asked.FetchOffset, (int)Math.Max(0, Math.Min(left, asked.PartitionMaxBytes)), wholeFirst, limit, out var slice);
        if (data.ErrorCode != KafkaError.None)
            (data.HighWatermark, data.LastStableOffset, data.LogStartOffset) = (-1, -1, -1);
        else if (_committedOnly)
            data.AbortedTransactions = [.. log.AbortedBetween(asked.FetchOffset, stable).Select(a => new FetchResponse.AbortedTransaction { ProducerId = a.ProducerId, FirstOffset = a.FirstOffset })];
        return new FetchedSlice(fetched, data, slice, log);
    }

    /// <summary>A client that says which epoch its last record had is told where that epoch ended, when that was before its position.</summary>
    private static bool Diverges(PartitionLog log, FetchRequest.FetchPartition asked, FetchResponse.PartitionData data)
    {
        if (asked.LastFetchedEpoch < 0)
            return false;
        var (epoch, end) = log.EndOfEpoch(asked.LastFetchedEpoch);
        if (end < 0)
        {
            data.ErrorCode = KafkaError.OffsetOutOfRange;
            return true;
        }

        if (epoch >= asked.LastFetchedEpoch && end >= asked.FetchOffset)
            return false;
        data.DivergingEpoch = new() { Epoch = epoch, EndOffset = end };
        return true;
    }
}
