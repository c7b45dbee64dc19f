using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Reading;

/// <summary>
/// Reads a session's partitions from the source: one long poll a leader at a time, for all of its partitions. A source that is away or moves
/// its leaders is asked again, for ever; only the target's troubles end a session.
/// </summary>
internal sealed class SourceReader(
    ClusterClient source, string sourceName, BatchIntake intake, Func<PartitionMirror, Task> ready, SourceHealth health, LinkCounters counters, CancellationToken cancellation)
{
    private const short VersionWithTopicIds = 13;
    private static readonly TimeSpan LongPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ShortPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Task> _readers = [];
    private volatile PartitionMirror[] _partitions = [];

    /// <summary>Takes more partitions in. Their leaders must be in the client's metadata.</summary>
    public void Add(IEnumerable<PartitionMirror> partitions)
    {
        lock (_lock)
        {
            _partitions = [.. _partitions, .. partitions];
            foreach (var leader in _partitions.Select(LeaderOf).Where(leader => leader >= 0).Distinct())
            {
                if (!_readers.ContainsKey(leader))
                    _readers[leader] = Task.Run(() => ReadAsync(leader), CancellationToken.None);
            }
        }
    }

    /// <summary>Ends when the session was cancelled and no reader touches a partition any more.</summary>
    public Task CompleteAsync()
    {
        lock (_lock)
            return Task.WhenAll(_readers.Values);
    }

    private int LeaderOf(PartitionMirror partition) => source.Metadata.FindPartition(partition.Source)?.LeaderId ?? -1;

    private async Task ReadAsync(int broker)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var all = _partitions.Where(p => p.State == PartitionState.Copying && LeaderOf(p) == broker).ToList();
            var wanted = all.Where(p => p.WantsMore).ToList();
            try
            {
                if (wanted.Count == 0)
                {
                    await Task.Delay(ShortPoll, cancellation).ConfigureAwait(false);
                    continue;
                }

                await FetchAsync(broker, wanted, wanted.Count < all.Count ? ShortPoll : LongPoll).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (LinkFailure.IsExpected(e))
            {
                health.ReportReading($"source {sourceName}: {e.Message}");
                await PauseAndLookAgainAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task FetchAsync(int broker, IReadOnlyList<PartitionMirror> partitions, TimeSpan wait)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var connection = await source.ConnectToBrokerAsync(broker, limit.Token).ConfigureAwait(false);
        var version = connection.NegotiatedVersion(FetchRequest.ApiKey);
        var request = new FetchRequest
        {
            MaxWaitMs = (int)wait.TotalMilliseconds,
            MinBytes = 1,
            MaxBytes = 16 << 20,
            IsolationLevel = (sbyte)IsolationLevel.ReadCommitted,
        };
        var asked = new Dictionary<(Guid, string, int), PartitionMirror>(partitions.Count);
        foreach (var topic in partitions.GroupBy(p => (p.Source.Topic, p.SourceTopicId)))
        {
            request.Topics.Add(new FetchRequest.FetchTopic
            {
                Topic = topic.Key.Topic,
                TopicId = topic.Key.SourceTopicId,
                Partitions = [.. topic.Select(p => new FetchRequest.FetchPartition
                {
                    Partition = p.Source.Partition,
                    FetchOffset = p.FetchOffset,
                    LastFetchedEpoch = p.FetchedEpoch,
                    PartitionMaxBytes = 1 << 20,
                })],
            });
            foreach (var partition in topic)
                asked[version >= VersionWithTopicIds ? (topic.Key.SourceTopicId, "", partition.Source.Partition) : (Guid.Empty, topic.Key.Topic, partition.Source.Partition)] = partition;
        }

        var response = await connection.SendAsync(request, version, limit.Token).ConfigureAwait(false);
        if (response.ErrorCode != KafkaError.None)
            throw new KafkaErrorException(response.ErrorCode, "fetch");
        health.ReadingWorks();
        KafkaErrorException? failure = null;
        foreach (var topic in response.Responses)
        {
            foreach (var data in topic.Partitions)
            {
                var key = version >= VersionWithTopicIds ? (topic.TopicId, "", data.PartitionIndex) : (Guid.Empty, topic.Topic, data.PartitionIndex);
                if (!asked.TryGetValue(key, out var partition))
                    continue;
                failure = await TakeAsync(partition, data).ConfigureAwait(false) ?? failure;
            }
        }

        if (failure is not null)
            throw failure;
    }

    private async Task<KafkaErrorException?> TakeAsync(PartitionMirror partition, FetchResponse.PartitionData data)
    {
        switch (data.ErrorCode)
        {
            case KafkaError.None when data.DivergingEpoch.EndOffset >= 0:
                partition.Stop(PartitionState.Diverged,
                    $"{partition.Source} was cut back to {data.DivergingEpoch.EndOffset} after it was copied up to {partition.FetchOffset}: the source lost its tail");
                return null;
            case KafkaError.None:
                intake.Take(partition, data);
                await ready(partition).ConfigureAwait(false);
                return null;
            case KafkaError.OffsetOutOfRange:
                await FindPlaceAsync(partition).ConfigureAwait(false);
                return null;
            default:
                return new KafkaErrorException(data.ErrorCode, $"fetch {partition.Source}");
        }
    }

    /// <summary>The position is not in the source's log: retention ran ahead, or the log was cut back.</summary>
    private async Task FindPlaceAsync(PartitionMirror partition)
    {
        var first = await OffsetAsync(partition, OffsetPlace.Earliest).ConfigureAwait(false);
        var end = await OffsetAsync(partition, OffsetPlace.Latest).ConfigureAwait(false);
        if (partition.FetchOffset < first)
        {
            counters.AddGap(partition.Source.ToString(), new SourceGap(partition.FetchOffset, first));
            partition.SkipTo(first);
        }
        else if (partition.FetchOffset > end)
        {
            partition.Stop(PartitionState.Diverged,
                $"{partition.Source} ends at {end}, and it was copied up to {partition.FetchOffset}: the source lost its tail");
        }
    }

    private async Task<long> OffsetAsync(PartitionMirror partition, long place)
    {
        var offsets = await source.ListOffsetsAsync([partition.Source], place, IsolationLevel.ReadUncommitted, cancellation).ConfigureAwait(false);
        return offsets[partition.Source].Offset;
    }

    private async Task PauseAndLookAgainAsync()
    {
        try
        {
            await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            await source.RefreshMetadataAsync([.. _partitions.Select(p => p.Source.Topic).Distinct()], cancellation).ConfigureAwait(false);
            Add([]);
            // What no leader is known for cannot be asked for; whether its topic is gone is for the look for topics to say.
            if (!_partitions.Any(p => LeaderOf(p) >= 0))
                health.ReadingWorks();
        }
        catch (Exception e) when (LinkFailure.IsExpected(e))
        {
            if (!cancellation.IsCancellationRequested)
                health.ReportReading($"source {sourceName}: {e.Message}");
        }
    }
}
