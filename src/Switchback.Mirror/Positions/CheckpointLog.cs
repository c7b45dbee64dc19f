using System.Collections.Concurrent;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Positions;

/// <summary>
/// A link's breakpoints in a compacted topic of its target. A breakpoint is written, and acknowledged, before the records it leads to: so
/// the place of every mirrored record is known at any moment, whatever dies. Beside them, which places of groups were followed. Fenced like the data, for one session.
/// </summary>
internal sealed class CheckpointLog(ClusterClient target, string topic) : IDisposable
{
    // The smallest that Confluent Cloud takes.
    private const string SmallestSegment = "52428800";

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TopicPartition _partition = new(topic, 0);
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<TopicPartition, GroupPlace>> _groupPlaces = new();
    private List<(byte[] Key, byte[]? Value)> _waiting = [];
    private Task? _next;
    private ProducerIdentity _producer;
    private int _sequence;

    public TopicPartition Partition => _partition;

    /// <summary>Creates the topic where it is missing.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        // A start reads what is not compacted yet, and the last segment never is.
        var configuration = new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["segment.bytes"] = SmallestSegment };
        await target.CreateTopicsAsync([new NewTopic(topic, 1, -1, configuration)], cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads everything, after the fence: by target partition, the records in order of their target offset.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, IReadOnlyList<CheckpointRecord>>> LoadAsync(
        ProducerIdentity producer, CancellationToken cancellation)
    {
        _producer = producer;
        var found = new Dictionary<(TopicPartition, long), CheckpointRecord>();
        var places = new Dictionary<(string Group, TopicPartition Partition), GroupPlace>();
        var end = await OffsetAsync(OffsetPlace.Latest, cancellation).ConfigureAwait(false);
        var position = await OffsetAsync(OffsetPlace.Earliest, cancellation).ConfigureAwait(false);
        while (position < end)
        {
            var fetched = await target.FetchAsync(new FetchPosition(_partition, position), new FetchSettings { MaxWait = TimeSpan.Zero }, cancellation).ConfigureAwait(false);
            var before = position;
            foreach (var batch in RecordBatchReader.ReadBatches(fetched.Data.Records ?? default))
            {
                position = batch.Header.NextOffset;
                if (!batch.Header.IsControl)
                    Collect(batch, found, places);
            }

            if (position == before)
                throw new KafkaErrorException(KafkaError.UnknownServerError, $"read {topic}", $"nothing at offset {position}, though the log ends at {end}");
        }

        foreach (var group in places.GroupBy(place => place.Key.Group))
            _groupPlaces[group.Key] = group.ToDictionary(place => place.Key.Partition, place => place.Value);
        return found.GroupBy(entry => entry.Key.Item1).ToDictionary(
            group => group.Key,
            IReadOnlyList<CheckpointRecord> (group) => [.. group.OrderBy(entry => entry.Key.Item2).Select(entry => entry.Value)]);
    }

    /// <summary>Writes a partition's breakpoints; those of several callers go together.</summary>
    public Task WriteAsync(CheckpointRecord record, CancellationToken cancellation) =>
        EnqueueAsync([(CheckpointRecord.Key(record.Partition, record.Breakpoints[0].Target), record.Value())], cancellation);

    /// <summary>Takes back breakpoints whose records never arrived.</summary>
    public Task RemoveAsync(TopicPartition partition, IEnumerable<Breakpoint> breakpoints, CancellationToken cancellation) =>
        EnqueueAsync([.. breakpoints.Select(b => (CheckpointRecord.Key(partition, b.Target), (byte[]?)null))], cancellation);

    /// <summary>Which places of a group of the source the mirror before this one followed.</summary>
    public IReadOnlyDictionary<TopicPartition, GroupPlace> PlacesOf(string group) => _groupPlaces.GetValueOrDefault(group) ?? new Dictionary<TopicPartition, GroupPlace>();

    /// <summary>Writes which places of a group were followed.</summary>
    public Task WriteAsync(IEnumerable<GroupPlaceRecord> places, CancellationToken cancellation) =>
        EnqueueAsync([.. places.Select(place => (place.Key(), (byte[]?)place.Value()))], cancellation);

    public void Dispose() => _writing.Dispose();

    private static void Collect(RecordBatch batch, Dictionary<(TopicPartition, long), CheckpointRecord> found, Dictionary<(string Group, TopicPartition Partition), GroupPlace> places)
    {
        foreach (var record in batch.ReadRecords())
        {
            if (GroupPlaceRecord.TryRead(record, out var place))
            {
                places[(place.Group, place.Partition)] = place.Place;
                continue;
            }

            if (!CheckpointRecord.TryReadKey(record, out var partition, out var target))
                continue;
            if (record.Value is { } value)
                found[(partition, target)] = CheckpointRecord.ReadValue(partition, value);
            else
                found.Remove((partition, target));
        }
    }

    private Task EnqueueAsync(IReadOnlyList<(byte[] Key, byte[]? Value)> records, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _waiting.AddRange(records);
            return _next ??= WriteWaitingAsync(cancellation);
        }
    }

    private async Task WriteWaitingAsync(CancellationToken cancellation)
    {
        // Whoever comes while a write is under way is taken along by the next one.
        await Task.Yield();
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            List<(byte[] Key, byte[]? Value)> records;
            lock (_lock)
            {
                (records, _waiting) = (_waiting, []);
                _next = null;
            }

            using var builder = new RecordBatchBuilder { ProducerId = _producer.Id, ProducerEpoch = _producer.Epoch, BaseSequence = _sequence };
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            foreach (var (key, value) in records)
                builder.Append(now, key, value is null ? default(ReadOnlyMemory<byte>?) : value);
            await target.ProduceAsync(_partition, builder.Build(), null, cancellation).ConfigureAwait(false);
            _sequence = BatchStamp.Advance(_sequence, records.Count);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task<long> OffsetAsync(long place, CancellationToken cancellation)
    {
        var offsets = await target.ListOffsetsAsync([_partition], place, IsolationLevel.ReadUncommitted, cancellation).ConfigureAwait(false);
        return offsets[_partition].Offset;
    }
}
