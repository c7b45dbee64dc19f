using Switchback.Kafka.Client;
using Switchback.Mirror.Positions;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Links;

/// <summary>
/// One partition of a link during one session: what was fetched, what is on its way, what the target has. The reader of the source's leader
/// alone puts in, the writer to the target's leader alone takes out; everyone else looks.
/// </summary>
internal sealed class PartitionMirror
{
    /// <summary>With more than this waiting, in bytes, the source is not asked for more.</summary>
    public const long QueueLimit = 8 << 20;

    /// <summary>Batches are joined up to this many bytes, where the target takes so much.</summary>
    public const int LargestJoined = 512 << 10;

    private readonly Lock _lock = new();
    private readonly LinkedList<OutgoingBatch> _outstanding = [];
    private LinkedListNode<OutgoingBatch>? _nextToSend;
    private long _queuedBytes;
    private long _mirroredSource;
    private long _mirroredTarget;
    private long _recordsMirrored;
    private long _bytesMirrored;
    private volatile PartitionState _state;

    public PartitionMirror(TopicPartition source, TopicPartition target, Guid sourceTopicId, OffsetMap map, long nextSource, long nextTarget, int sourceEpoch)
    {
        (Source, Target, SourceTopicId, Map) = (source, target, sourceTopicId, map);
        FetchOffset = _mirroredSource = nextSource;
        PlannedTarget = _mirroredTarget = nextTarget;
        FetchedEpoch = sourceEpoch;
    }

    public TopicPartition Source { get; }

    public TopicPartition Target { get; }

    public Guid SourceTopicId { get; }

    public OffsetMap Map { get; }

    public PartitionState State => _state;

    /// <summary>What is wrong, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>The source offset to fetch next.</summary>
    public long FetchOffset { get; set; }

    /// <summary>The leader epoch of the last batch fetched, so that the source's leader notices a log that was cut back; -1 for none.</summary>
    public int FetchedEpoch { get; set; }

    /// <summary>The target offset of the next batch prepared.</summary>
    public long PlannedTarget { get; private set; }

    /// <summary>The sequence number of the next batch prepared.</summary>
    public int Sequence { get; private set; }

    /// <summary>The source offset up to which everything is on the target.</summary>
    public long MirroredSource => Interlocked.Read(ref _mirroredSource);

    /// <summary>The end of the target's log, as far as we wrote it.</summary>
    public long MirroredTarget => Interlocked.Read(ref _mirroredTarget);

    /// <summary>The youngest record on the target, ms since 1970; 0 before the first.</summary>
    public long MirroredTimestamp { get; private set; }

    /// <summary>Bytes of one of its records, on the average of this session; null before the first.</summary>
    public double? BytesPerRecord
    {
        get
        {
            lock (_lock)
                return _recordsMirrored == 0 ? null : (double)_bytesMirrored / _recordsMirrored;
        }
    }

    /// <summary>Whether the source is to be asked for more.</summary>
    public bool WantsMore => State == PartitionState.Copying && Interlocked.Read(ref _queuedBytes) < QueueLimit;

    /// <summary>Bytes waiting or on their way.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queuedBytes);

    /// <summary>The largest batch that is made of several, in bytes.</summary>
    public int JoinLimit { get; set; }

    /// <summary>Whether the writer has this partition on its list.</summary>
    public bool IsListed { get; set; }

    public void Stop(PartitionState state, string problem)
    {
        Problem = problem;
        _state = state;
    }

    public void Enqueue(OutgoingBatch batch)
    {
        lock (_lock)
        {
            var node = _outstanding.AddLast(batch);
            _nextToSend ??= node;
            PlannedTarget += batch.Records;
            Sequence = BatchStamp.Advance(Sequence, batch.Records);
            Interlocked.Add(ref _queuedBytes, batch.Bytes.Length);
        }
    }

    /// <summary>The position behind records that are not copied: it counts once everything before is on the target.</summary>
    public void SkipTo(long nextSource)
    {
        lock (_lock)
        {
            FetchOffset = nextSource;
            if (_outstanding.Last is { } last)
                last.Value.NextSource = nextSource;
            else
                Interlocked.Exchange(ref _mirroredSource, nextSource);
        }
    }

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasNext
    {
        get
        {
            lock (_lock)
                return _nextToSend is not null;
        }
    }

    /// <summary>
    /// Takes what is to be sent next, stamped as ours: a batch as it came, or, where several wait, their records joined. Null when nothing waits; and with
    /// <paramref name="announced"/> when the breakpoints that lead to it are still on their way.
    /// </summary>
    public Shipment? Take(ProducerIdentity producer, out Task? announced)
    {
        lock (_lock)
        {
            announced = null;
            if (_nextToSend is not { Value: var first } node)
                return null;
            if (!first.Announced.IsCompletedSuccessfully)
            {
                announced = first.Announced;
                return null;
            }

            var together = new List<OutgoingBatch> { first };
            var (bytes, records) = (first.Bytes.Length, first.Records);
            for (var next = node.Next; first.CanJoin && next is { Value: { CanJoin: true, Announced.IsCompletedSuccessfully: true } batch }; next = next.Next)
            {
                (bytes, records) = (bytes + batch.Bytes.Length, records + batch.Records);
                if (BatchJoiner.Bound(bytes, records) > JoinLimit)
                    break;
                together.Add(batch);
            }

            var joined = together.Count > 1 ? BatchJoiner.TryJoin(together) : null;
            if (joined is null)
                together.RemoveRange(1, together.Count - 1);
            var content = joined is { } whole ? whole.Array.AsMemory(0, whole.Length) : first.Bytes;
            BatchStamp.Apply(content, producer, first.Sequence);
            for (var i = 0; i < together.Count; i++)
                _nextToSend = _nextToSend!.Next;
            if (joined is not null)
                together.ForEach(batch => batch.Buffer?.Release());
            return new Shipment(together, content, joined?.Array);
        }
    }

    /// <summary>A shipment is on the target. Answers may be seen in another order than they came; positions move on in the batches' order.</summary>
    public void Acknowledge(Shipment shipment)
    {
        lock (_lock)
        {
            foreach (var batch in shipment.Batches)
            {
                batch.IsWritten = true;
                if (!shipment.IsJoined)
                    batch.Buffer?.Release();
            }

            while (_outstanding.First?.Value is { IsWritten: true } first)
            {
                _outstanding.RemoveFirst();
                Interlocked.Add(ref _queuedBytes, -first.Bytes.Length);
                Interlocked.Exchange(ref _mirroredTarget, first.TargetOffset + first.Records);
                Interlocked.Exchange(ref _mirroredSource, first.NextSource);
                MirroredTimestamp = Math.Max(MirroredTimestamp, first.MaxTimestamp);
                _recordsMirrored += first.Records;
                _bytesMirrored += first.Bytes.Length;
            }
        }

        shipment.Release();
    }

    /// <summary>The target offset of the first mirrored record at or beyond a source offset: the target's end when that record is not there yet; null when nothing is.</summary>
    public long? ToTarget(long source) => Map.ToTarget(source) is { } target ? Math.Min(target, MirroredTarget) : null;

    /// <summary>The source offset of the first mirrored record at or beyond a target offset; null when nothing is mirrored.</summary>
    public long? ToSource(long target) => Map.ToSource(target) is { } source ? Math.Min(source, MirroredSource) : null;
}
