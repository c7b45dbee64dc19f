using System.Globalization;
using System.Text;
using Switchback.Kafka;

namespace Switchback.Broker.Storage;

/// <content>Forgetting: by age, by size, and because someone asked.</content>
internal sealed partial class PartitionLog
{
    /// <summary>Deletes the segments that retention no longer covers; how many.</summary>
    public int ApplyRetention(long now)
    {
        lock (_gate)
        {
            if (_segments.Count == 0)
                return 0;
            if (!Settings.Retained)
                return DropWhile(_ => false);
            var surplus = Settings.RetentionBytes < 0 ? 0 : _segments.Sum(s => (long)s.Size) - Settings.RetentionBytes;
            return DropWhile(segment =>
            {
                var tooOld = Settings.RetentionMs >= 0 && segment.Size > 0 && now - segment.Times.MaxTimestamp > Settings.RetentionMs;
                var tooMuch = segment.Size > 0 && surplus - segment.Size >= 0;
                surplus -= segment.Size;
                return tooOld || tooMuch;
            });
        }
    }

    /// <summary>Forgets producers that have not written since, in milliseconds since 1970, and have no transaction open.</summary>
    public void ForgetProducers(long silentSince)
    {
        lock (_gate)
            _producers.Expire(silentSince);
    }

    /// <summary>Forgets the records before an offset, -1 for all of them; the new first offset.</summary>
    public (KafkaError Error, long StartOffset) DeleteRecordsBefore(long offset)
    {
        lock (_gate)
        {
            var target = offset == -1 ? EndOffset : offset;
            if (target < 0 || target > EndOffset)
                return (KafkaError.OffsetOutOfRange, -1);
            if (target <= StartOffset)
                return (KafkaError.None, StartOffset);
            try
            {
                LogFiles.ReplaceAtomically(StartOffsetPath, Encoding.ASCII.GetBytes(target.ToString(CultureInfo.InvariantCulture)));
                StartOffset = target;
                DropWhile(_ => false);
            }
            catch (IOException)
            {
                return (KafkaError.KafkaStorageError, -1);
            }

            return (KafkaError.None, StartOffset);
        }
    }

    /// <summary>Closes the segment being written, so that what comes next can outlive it.</summary>
    public void StartSegment()
    {
        lock (_gate)
        {
            if (_segments.Count > 0 && Active.Size > 0)
                Roll();
        }
    }

    /// <summary>Drops segments from the oldest on while they lie before the first offset or the condition says so. The last one is first replaced.</summary>
    private int DropWhile(Func<LogSegment, bool> condition)
    {
        var dropped = 0;
        while (_segments.Count > 0)
        {
            var next = _segments.Count > 1 ? _segments[1].BaseOffset : EndOffset;
            var forgotten = next <= StartOffset && _segments.Count > 1;
            if (!forgotten && !condition(_segments[0]))
                break;
            if (_segments.Count == 1)
                Roll();
            _segments[0].Delete();
            _segments.RemoveAt(0);
            StartOffset = Math.Max(StartOffset, next);
            dropped++;
            if (next == EndOffset)
                break;
        }

        return dropped;
    }
}
