using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ChuckClient;

/// <summary>
/// Writes what the application observed, one event a line, as docs/ledger.md says. Each line is one write to the stream, at once: what an
/// application had observed when it was killed is in the pipe. Safe for several threads.
/// </summary>
/// <param name="output">Standard output, unbuffered.</param>
public sealed class LedgerLog(Stream output)
{
    private readonly Lock _writing = new();
    private readonly ArrayBufferWriter<byte> _line = new(512);

    /// <summary>To be written before the record is handed to the Kafka client.</summary>
    public void Sent(string id, string topic, string key) => Write("sent", id, json =>
    {
        json.WriteString("topic", topic);
        json.WriteString("key", key);
    });

    /// <summary>The client reports that the cluster has the record.</summary>
    public void Acknowledged(string id, string topic, int partition, long offset) =>
        Write("acknowledged", id, json => WritePlace(json, topic, partition, offset));

    /// <summary>The client reports that it gave the record up.</summary>
    public void Failed(string id, string error) => Write("failed", id, json => json.WriteString("error", error));

    /// <summary>A record reached the application; <paramref name="text"/> is what the application prints about it, on a line of its own.</summary>
    public void Delivered(string id, string topic, int partition, long offset, string text) =>
        Write("delivered", id, json => WritePlace(json, topic, partition, offset), text);

    /// <summary>The consumer's partitions were given anew: <c>assigned</c>, <c>revoked</c> or <c>lost</c>. What is read after it may begin at any place.</summary>
    public void Rebalanced(string what) => Write("rebalanced", what, _ => { });

    /// <summary>The group's coordinator answered a commit: <paramref name="next"/> is the offset that the group goes on at.</summary>
    public void OffsetCommitted(string group, string topic, int partition, long next) =>
        Write("offsetCommitted", group, json => WritePlace(json, topic, partition, next));

    /// <summary>Ordinary output, a line that is no event.</summary>
    public void Text(string text)
    {
        lock (_writing)
        {
            _line.ResetWrittenCount();
            AppendText(text);
            output.Write(_line.WrittenSpan);
        }
    }

    private static void WritePlace(Utf8JsonWriter json, string topic, int partition, long offset)
    {
        json.WriteString("topic", topic);
        json.WriteNumber("partition", partition);
        json.WriteNumber("offset", offset);
    }

    private void Write(string name, string id, Action<Utf8JsonWriter> rest, string? text = null)
    {
        lock (_writing)
        {
            _line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_line))
            {
                json.WriteStartObject();
                json.WriteString("event", name);
                json.WriteString("id", id);
                json.WriteNumber("at", Now());
                rest(json);
                json.WriteEndObject();
            }

            _line.Write("\n"u8);
            if (text is not null)
            {
                AppendText(text);
            }

            output.Write(_line.WrittenSpan);
        }
    }

    // A record's own line breaks must not end our line: the next one could then pass for an event.
    private void AppendText(string text)
    {
        Encoding.UTF8.GetBytes(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal), _line);
        _line.Write("\n"u8);
    }

    // Unix time in milliseconds, with the clock's full resolution (100 ns).
    private static decimal Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerMillisecond;
}
