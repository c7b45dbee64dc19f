using System.Globalization;
using System.Text;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Positions;

/// <summary>An offset that a group committed on the source, and the one its twin was given for it on the target.</summary>
internal readonly record struct GroupPlace(long Source, long Target);

/// <summary>
/// One record of a link's offsets topic that says which place of a group was followed. Key: <c>@TOPIC/PARTITION/GROUP</c>, of the source (no topic's name has an @; a group's may
/// have slashes); value: both offsets, <c>SOURCE TARGET</c>.
/// </summary>
internal readonly record struct GroupPlaceRecord(string Group, TopicPartition Partition, GroupPlace Place)
{
    private const char Mark = '@';

    public byte[] Key() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark}{Partition.Topic}/{Partition.Partition}/{Group}"));

    public byte[] Value() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Place.Source} {Place.Target}"));

    /// <summary>False when a record is another kind.</summary>
    public static bool TryRead(Record record, out GroupPlaceRecord place)
    {
        place = default;
        var key = Encoding.UTF8.GetString(record.Key.GetValueOrDefault().Span);
        var parts = key.TrimStart(Mark).Split('/', 3);
        var offsets = Encoding.UTF8.GetString(record.Value.GetValueOrDefault().Span).Split(' ');
        if (!key.StartsWith(Mark)
            || parts.Length != 3
            || offsets.Length != 2
            || !TryNumber(parts[1], out var partition)
            || !TryNumber(offsets[0], out var source)
            || !TryNumber(offsets[1], out var target))
            return false;
        place = new GroupPlaceRecord(parts[2], new TopicPartition(parts[0], (int)partition), new GroupPlace(source, target));
        return true;

        static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
