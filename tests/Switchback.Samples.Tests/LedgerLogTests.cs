using System.Text;
using System.Text.Json;
using ChuckClient;

namespace Switchback.Samples.Tests;

public sealed class LedgerLogTests : IDisposable
{
    private readonly Writes _output = new();
    private readonly LedgerLog _ledger;

    public LedgerLogTests() => _ledger = new LedgerLog(_output);

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Each_event_is_one_line_and_one_write()
    {
        var before = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        _ledger.Sent("i", "t", "k");
        _ledger.Acknowledged("i", "t", 3, 4711);
        _ledger.Failed("i", "why \"so\"\n");
        _ledger.Delivered("i", "t", 0, 1, "Consumer Record:(..)");
        _ledger.OffsetCommitted("g", "t", 0, 2);
        var after = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;

        Assert.Equal(5, _output.Texts.Count);
        string[] expected =
        [
            """{"event":"sent","id":"i","at":AT,"topic":"t","key":"k"}""",
            """{"event":"acknowledged","id":"i","at":AT,"topic":"t","partition":3,"offset":4711}""",
            """{"event":"failed","id":"i","at":AT,"error":"why \u0022so\u0022\n"}""",
            """{"event":"delivered","id":"i","at":AT,"topic":"t","partition":0,"offset":1}""",
            """{"event":"offsetCommitted","id":"g","at":AT,"topic":"t","partition":0,"offset":2}""",
        ];
        for (var i = 0; i < expected.Length; i++)
        {
            var line = _output.Texts[i].Split('\n')[0];
            using var json = JsonDocument.Parse(line);
            var at = json.RootElement.GetProperty("at");
            Assert.InRange(at.GetDouble(), before - 1, after + 1);
            Assert.Equal(expected[i], line.Replace(at.GetRawText(), "AT", StringComparison.Ordinal));
        }

        Assert.EndsWith("\nConsumer Record:(..)\n", _output.Texts[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_cannot_forge_an_event()
    {
        _ledger.Text("value: a\r\n{\"event\":\"acknowledged\"}");
        _ledger.Delivered("i", "t", 0, 1, "b\n{\"event\":\"acknowledged\"}");
        Assert.Equal("value: a\\r\\n{\"event\":\"acknowledged\"}\n", _output.Texts[0]);
        Assert.Single(_output.Texts[1].Split('\n'), l => l.StartsWith("{\"event\":", StringComparison.Ordinal));
    }

    [Fact]
    public void Several_threads_do_not_mix_their_lines()
    {
        Parallel.For(0, 2_000, n => _ledger.Sent(new string('x', n % 300) + n, "t", "k"));
        Assert.Equal(2_000, _output.Texts.Count);
        Assert.Equal(2_000, _output.Texts.Select(t => JsonDocument.Parse(t).RootElement.GetProperty("id").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"id":"a-1","timestamp":1,"fact":"f"}""", "a-1")]
    [InlineData("""{"fact":{"id":"inner"},"id":"outer"}""", "outer")]
    [InlineData("""{"id":7}""", null)]
    [InlineData("""{"id":""}""", null)]
    [InlineData("""["id","x"]""", null)]
    [InlineData("""{"timestamp":1}""", null)]
    [InlineData("""{"timestamp":1,"id":""", null)]
    [InlineData("not json", null)]
    [InlineData("", null)]
    public void The_id_of_a_value(string value, string? id) => Assert.Equal(id, RecordId.Find(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void An_endless_id_is_none() => Assert.Null(RecordId.Find(Encoding.UTF8.GetBytes($$"""{"id":"{{new string('x', 129)}}"}""")));

    private sealed class Writes : MemoryStream
    {
        public List<string> Texts { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer) => Texts.Add(Encoding.UTF8.GetString(buffer));
    }
}
