using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ChuckProducer;

/// <summary>One fact: the record's JSON value carries <c>id</c>, <c>timestamp</c> (Unix ms) and <c>fact</c>, the HTTP answer the latter two.</summary>
internal sealed record FactRecord(string Id, long Timestamp, string Fact)
{
    // Facts are plain text in a JSON document, never in a page: an apostrophe may stay one.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FactRecord New() => new(Guid.NewGuid().ToString(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ChuckFacts.Any());

    public byte[] Value() => Json(withId: true);

    public byte[] Answer() => Json(withId: false);

    private byte[] Json(bool withId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            if (withId)
            {
                json.WriteString("id", Id);
            }

            json.WriteNumber("timestamp", Timestamp);
            json.WriteString("fact", Fact);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
