using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Reading;

/// <summary>
/// Reads a link's partitions from the source during one of its sessions: one long poll a leader at a time, for all of its partitions. A source that is away or moves
/// its leaders is asked again, for ever; only the target's troubles end a session.
/// </summary>
internal sealed class SourceReader(
    ClusterClient source, string sourceName, BatchIntake intake, Func<IReadOnlyList<PartitionMirror>, Task> ready, Action<Exception> fail, SourceHealth health, LinkCounters counters, CancellationToken cancellation)
{
    /// <summary>With so many bytes waiting or on their way, of all partitions, the source is not asked for more.</summary>
    private const long QueueLimit = 16 << 20;

    // The pool's arrays are powers of two: an answer that is just larger would take twice the memory.
    private const int ResponseBytes = (4 << 20) - (64 << 10);

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

    /// <summary>
    /// Looks again for the leaders of partitions that had none when it was last looked: a source that starts answers before its partitions are led, without an error,
    /// and nobody would ask again.
    /// </summary>
    public async Task FindLeadersAsync()
    {
        if (_partitions.Any(partition => partition.State == PartitionState.Copying && LeaderOf(partition) < 0))
            await LookAgainAsync(TimeSpan.Zero).ConfigureAwait(false);
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
        var session = new FetchSession();
        while (!cancellation.IsCancellationRequested)
        {
            var all = _partitions;
            var wanted = new List<PartitionMirror>(all.Length);
            var (mine, queued) = (0, 0L);
            foreach (var partition in all)
            {
                if (partition.State != PartitionState.Copying)
                    continue;
                queued += partition.QueuedBytes;
                if (LeaderOf(partition) != broker)
                    continue;
                mine++;
                if (partition.WantsMore)
                    wanted.Add(partition);
            }

            try
            {
                if (wanted.Count == 0 || queued >= QueueLimit)
                {
                    await Task.Delay(ShortPoll, cancellation).ConfigureAwait(false);
                    continue;
                }

                await FetchAsync(broker, session, wanted, wanted.Count < mine ? ShortPoll : LongPoll).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (LinkFailure.IsExpected(e))
            {
                session.Forget();
                health.ReportReading($"source {sourceName}: {e.Message}");
                await LookAgainAsync(Pause).ConfigureAwait(false);
            }
        }
    }

    private async Task FetchAsync(int broker, FetchSession session, IReadOnlyList<PartitionMirror> partitions, TimeSpan wait)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        var connection = await source.ConnectToBrokerAsync(broker, limit.Token).ConfigureAwait(false);
        var version = connection.NegotiatedVersion(FetchRequest.ApiKey);
        var request = new FetchRequest
        {
            MaxWaitMs = (int)wait.TotalMilliseconds,
            MinBytes = 1,
            MaxBytes = ResponseBytes,
            IsolationLevel = (sbyte)IsolationLevel.ReadCommitted,
        };
        session.Ask(request, partitions, version);
        var (response, buffer) = await connection.SendPooledAsync(request, version, limit.Token).ConfigureAwait(false);
        if (!session.Continues(response))
        {
            buffer.Release();
            return;
        }

        if (response.ErrorCode != KafkaError.None)
            throw new KafkaErrorException(response.ErrorCode, "fetch");
        health.ReadingWorks();
        KafkaErrorException? failure = null;
        var taken = new List<PartitionMirror>();
        foreach (var topic in response.Responses)
        {
            foreach (var data in topic.Partitions)
            {
                if (session.Find(topic, data.PartitionIndex, version) is not { } partition)
                    continue;
                failure = await TakeAsync(partition, data, buffer).ConfigureAwait(false) ?? failure;
                if (data.ErrorCode == KafkaError.None)
                    taken.Add(partition);
                else
                    session.TellAgain(partition);
            }
        }

        buffer.Release();
        if (taken.Count > 0)
            await ready(taken).ConfigureAwait(false);
        if (failure is not null)
            throw failure;
    }

    private async Task<KafkaErrorException?> TakeAsync(PartitionMirror partition, FetchResponse.PartitionData data, ResponseBuffer buffer)
    {
        switch (data.ErrorCode)
        {
            case KafkaError.None when data.DivergingEpoch.EndOffset >= 0:
                fail(new ResyncException($"{partition.Source} was cut back to {data.DivergingEpoch.EndOffset}; it had been read up to {partition.FetchOffset}"));
                return null;
            case KafkaError.None:
                intake.Take(partition, data, buffer);
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
            fail(new ResyncException($"{partition.Source} ends at {end}; it had been read up to {partition.FetchOffset}"));
        }
    }

    private async Task<long> OffsetAsync(PartitionMirror partition, long place)
    {
        var offsets = await source.ListOffsetsAsync([partition.Source], place, IsolationLevel.ReadUncommitted, cancellation).ConfigureAwait(false);
        return offsets[partition.Source].Offset;
    }

    private async Task LookAgainAsync(TimeSpan after)
    {
        try
        {
            await Task.Delay(after, cancellation).ConfigureAwait(false);
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
