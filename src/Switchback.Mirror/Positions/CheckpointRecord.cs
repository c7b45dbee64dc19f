using System.Globalization;
using System.Text;
using System.Text.Json;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Positions;

/// <summary>
/// One record of a link's offsets topic. Key: <c>TOPIC/PARTITION/TARGET</c>, of the target and the first breakpoint; value: JSON with the
/// source topic's id and the breakpoints, <c>{"topicId":"..","runs":[[target,source],..]}</c>.
/// </summary>
internal sealed record CheckpointRecord(TopicPartition Partition, Guid SourceTopicId, IReadOnlyList<Breakpoint> Breakpoints)
{
    public static byte[] Key(TopicPartition partition, long target) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{partition.Topic}/{partition.Partition}/{target}"));

    public byte[] Value()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("topicId", SourceTopicId);
            json.WriteStartArray("runs");
            foreach (var (target, source) in Breakpoints)
            {
                json.WriteStartArray();
                json.WriteNumberValue(target);
                json.WriteNumberValue(source);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>The partition and first target offset of a record's key; false when it is none of ours.</summary>
    public static bool TryReadKey(Record record, out TopicPartition partition, out long target)
    {
        partition = default;
        target = -1;
        var parts = Encoding.UTF8.GetString(record.Key.GetValueOrDefault().Span).Split('/');
        if (parts.Length != 3
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out target))
            return false;
        partition = new TopicPartition(parts[0], index);
        return true;
    }

    /// <summary>Reads a record's value.</summary>
    /// <exception cref="InvalidDataException">It is not what this code writes.</exception>
    public static CheckpointRecord ReadValue(TopicPartition partition, ReadOnlyMemory<byte> value)
    {
        try
        {
            using var json = JsonDocument.Parse(value);
            return new CheckpointRecord(
                partition,
                json.RootElement.GetProperty("topicId").GetGuid(),
                [.. json.RootElement.GetProperty("runs").EnumerateArray().Select(run => new Breakpoint(run[0].GetInt64(), run[1].GetInt64()))]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"the offsets topic has a record for {partition} that cannot be read: {e.Message}", e);
        }
    }
}
