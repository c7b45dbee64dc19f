using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Switchback.Bench;

/// <summary>All figures of one run of a bench.</summary>
/// <param name="Bench">The bench's name.</param>
/// <param name="Cores">How many processors it ran on.</param>
/// <param name="Rounds">How many rounds each figure is the median of.</param>
/// <param name="Results">The figures.</param>
public sealed record BenchReport(string Bench, int Cores, int Rounds, IReadOnlyList<BenchResult> Results)
{
    /// <summary>The share of the processors' time that the host of a virtual machine took during the run, 0 to 1; null where it is not known.</summary>
    public double? TakenByHost { get; init; }

    /// <summary>Whether every bar is met.</summary>
    [JsonIgnore]
    public bool Holds => Results.All(result => result.Holds);

    /// <summary>The report for machines.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, BenchJson.Default.BenchReport);

    /// <summary>The report for people, a line a figure.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var taken = TakenByHost is { } share ? string.Create(CultureInfo.InvariantCulture, $"; the host took {share:0.0%} of them") : "";
        text.AppendLine(CultureInfo.InvariantCulture, $"bench {Bench}: {Cores} cores, medians of {Rounds} rounds{taken}");
        foreach (var result in Results)
        {
            var compared = result.Ratio is { } ratio
                ? string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00} of {result.Against} ({result.Rival:0.###}), goal {result.Goal:0.##}")
                : result.Against == "goal"
                ? string.Create(CultureInfo.InvariantCulture, $"goal at {(result.GoalIsLeast ? "least" : "most")} {result.Goal:0.###} {result.Unit}")
                : string.Create(CultureInfo.InvariantCulture, $"goal {result.Goal:0.##} of {result.Against}");
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {(result.Holds ? "holds" : "FAILS"),-6}{result.Name,-28}{result.Value,10:0.###} {result.Unit,-5} ({result.Spread[0]:0.###} to {result.Spread[1]:0.###})  {compared}{(result.Note is null ? "" : $"; {result.Note}")}");
        }

        return text.ToString();
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
