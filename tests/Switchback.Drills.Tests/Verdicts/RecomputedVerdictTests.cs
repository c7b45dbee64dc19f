using System.Text.Json;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Verdicts;

public sealed class RecomputedVerdictTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-ledger-").FullName;
    private readonly SampleDrill _drill = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_ledger_gives_the_verdict_of_what_was_written_to_it()
    {
        var evidence = await _drill.WriteAsync(_directory, TestContext.Current.CancellationToken);

        var recomputed = Json(VerdictBuilder.FromLedger(_directory));

        Assert.Equal(Json(VerdictBuilder.Build(evidence)), recomputed);
        Assert.Equal(recomputed, Json(VerdictBuilder.FromLedger(_directory)));
    }

    [Fact]
    public async Task Verdict_json_has_the_contracts_keys_in_the_contracts_order()
    {
        await _drill.WriteAsync(_directory, TestContext.Current.CancellationToken);
        VerdictBuilder.Write(VerdictBuilder.FromLedger(_directory), _directory);

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, "verdict.json"), TestContext.Current.CancellationToken));
        var root = json.RootElement;

        Assert.Equal(
            ["scenario", "kafka", "kubernetes", "network", "fault", "seed", "holds", "started", "durationMs", "phases", "records", "clients", "bars", "anomalies"],
            Keys(root).Take(14));
        Assert.Equal(["name", "startedMs", "endedMs"], Keys(root.GetProperty("phases")[0]));
        Assert.Equal(
            ["sent", "acknowledged", "failed", "unknown", "unknownFound", "stranded", "lost", "skipped", "duplicated", "reordered"],
            Keys(root.GetProperty("records")).Take(10));
        var client = root.GetProperty("clients")[0];
        Assert.Equal(["name", "role", "through", "outages"], Keys(client).Take(4));
        Assert.Equal(["phase", "fromMs", "toMs", "outageMs"], Keys(client.GetProperty("outages")[0]).Take(4));
        Assert.Equal(["bar", "holds", "value"], Keys(root.GetProperty("bars")[0]).Take(3));
        Assert.Equal(["kind", "id", "cluster", "topic", "partition", "offset", "detail"], Keys(root.GetProperty("anomalies")[0]).Take(7));
        Assert.Equal(("producer", "proxy"), (client.GetProperty("role").GetString(), client.GetProperty("through").GetString()));
        Assert.Equal("2026-11-22T09:30:00Z", root.GetProperty("started").GetString());
    }

    [Fact]
    public void A_directory_without_a_ledger_says_so()
    {
        var error = Assert.Throws<InvalidDataException>(() => VerdictBuilder.FromLedger(_directory));

        Assert.Contains("drill.json", error.Message);
    }

    [Fact]
    public async Task A_damaged_line_is_named_with_file_and_line()
    {
        await _drill.WriteAsync(_directory, TestContext.Current.CancellationToken);
        var file = new LedgerFiles(_directory).Phases;
        await File.AppendAllTextAsync(file, "{\"name\":\n", TestContext.Current.CancellationToken);

        var error = Assert.Throws<InvalidDataException>(() => VerdictBuilder.FromLedger(_directory));

        Assert.Contains("phases.jsonl:6", error.Message);
    }

    private static string Json(Verdict verdict) => JsonSerializer.Serialize(verdict, VerdictJson.Default.Verdict);

    private static List<string> Keys(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}
