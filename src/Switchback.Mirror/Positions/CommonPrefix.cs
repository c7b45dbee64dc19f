using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Positions;

/// <summary>Finds up to where a source still has the records that were copied from it, by comparing single records: what follows a cut differs.</summary>
internal sealed class CommonPrefix(PartitionReader source, TopicPartition sourcePartition, PartitionReader target, TopicPartition targetPartition, OffsetMap map)
{
    /// <summary>Leader epoch of the latest source record that was the same; -1 before there is one.</summary>
    public int Epoch { get; private set; } = -1;

    /// <summary>Whether both sides have the same record; null where there is nothing to compare.</summary>
    public async Task<bool?> AgreesAsync(long sourceOffset, CancellationToken cancellation)
    {
        if (sourceOffset < 0 || map.ToTarget(sourceOffset) is not { } targetOffset || map.Extrapolate(targetOffset) != sourceOffset)
            return null;
        try
        {
            var (original, epoch) = await source.ReadAsync(sourcePartition, sourceOffset, cancellation).ConfigureAwait(false);
            var (copied, _) = await target.ReadAsync(targetPartition, targetOffset, cancellation).ConfigureAwait(false);
            if (original is not { } one || copied is not { } other)
                return null;
            if (!IsSame(one, other))
                return false;
            Epoch = epoch;
            return true;
        }
        catch (KafkaErrorException e) when (e.Error == KafkaError.OffsetOutOfRange)
        {
            return null;
        }
    }

    /// <summary>The first source offset below <paramref name="end"/> whose record is another one; what cannot be compared is as good as what lies before it.</summary>
    public async Task<long> FindEndAsync(long beginning, long end, CancellationToken cancellation)
    {
        var (same, other) = (beginning - 1, end);
        for (var step = 1L; other - 1 > same; step *= 2)
        {
            var probe = Math.Max(same + 1, other - step);
            if (await AgreesAtOrBelowAsync(probe, same, cancellation).ConfigureAwait(false))
            {
                same = probe;
                break;
            }

            other = probe;
        }

        while (other - same > 1)
        {
            var middle = same + ((other - same) / 2);
            if (await AgreesAtOrBelowAsync(middle, same, cancellation).ConfigureAwait(false))
                same = middle;
            else
                other = middle;
        }

        return other;
    }

    private async Task<bool> AgreesAtOrBelowAsync(long offset, long floor, CancellationToken cancellation)
    {
        for (; offset > floor; offset--)
        {
            if (await AgreesAsync(offset, cancellation).ConfigureAwait(false) is { } known)
                return known;
        }

        return true;
    }

    private static bool IsSame(Record one, Record other) =>
        one.Timestamp == other.Timestamp
        && AreSame(one.Key, other.Key)
        && AreSame(one.Value, other.Value)
        && one.Headers.Count == other.Headers.Count
        && one.Headers.Zip(other.Headers).All(pair => pair.First.Key == pair.Second.Key && AreSame(pair.First.Value, pair.Second.Value));

    private static bool AreSame(ReadOnlyMemory<byte>? one, ReadOnlyMemory<byte>? other) =>
        one.HasValue == other.HasValue && one.GetValueOrDefault().Span.SequenceEqual(other.GetValueOrDefault().Span);
}
