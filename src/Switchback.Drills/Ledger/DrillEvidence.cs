using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Switchback.Drills.Load;

namespace Switchback.Drills.Ledger;

/// <summary>Everything that was observed in one drill: all that a verdict is made from.</summary>
internal sealed record DrillEvidence
{
    public required DrillFacts Facts { get; init; }

    /// <summary>What the applications said; of each pod in the order it said it.</summary>
    public IReadOnlyList<Observation> Observations { get; init; } = [];

    public IReadOnlyList<PhaseFact> Phases { get; init; } = [];

    public IReadOnlyList<StepFact> Steps { get; init; } = [];

    public IReadOnlyList<PodFact> Pods { get; init; } = [];

    public IReadOnlyList<RolloutFact> Rollouts { get; init; } = [];

    public IReadOnlyList<LoadSample> Requests { get; init; } = [];

    /// <summary>What the proxies said of themselves; of each pod in order.</summary>
    public IReadOnlyList<ProxySample> Proxies { get; init; } = [];

    /// <summary>The clusters that were read whole, and when.</summary>
    public IReadOnlyList<SnapshotFact> Snapshots { get; init; } = [];

    /// <summary>The records of the clusters when settled.</summary>
    public IReadOnlyList<ClusterRecord> Settled { get; init; } = [];

    /// <summary>The records of the surviving clusters while the disaster lasted.</summary>
    public IReadOnlyList<ClusterRecord> DuringDisaster { get; init; } = [];

    /// <summary>Reads a report directory's ledger.</summary>
    /// <exception cref="InvalidDataException">A file is missing or damaged; the message names file and line.</exception>
    public static DrillEvidence Read(string directory)
    {
        var files = new LedgerFiles(directory);
        if (!File.Exists(files.Drill))
        {
            throw new InvalidDataException($"{directory}: no ledger of a drill there ({LedgerFiles.FolderName}/drill.json is missing)");
        }

        var snapshots = Lines(files.Snapshots, LedgerJson.Default.SnapshotFact);
        return new DrillEvidence
        {
            Facts = Parse(File.ReadAllText(files.Drill), LedgerJson.Default.DrillFacts, files.Drill, 1),
            Observations = [.. ClientFiles(files).SelectMany(file => Lines(file, LedgerJson.Default.Observation))],
            Phases = Lines(files.Phases, LedgerJson.Default.PhaseFact),
            Steps = Lines(files.Steps, LedgerJson.Default.StepFact),
            Pods = Lines(files.Pods, LedgerJson.Default.PodFact),
            Rollouts = Lines(files.Rollouts, LedgerJson.Default.RolloutFact),
            Requests = Lines(files.Requests, LedgerJson.Default.LoadSample),
            Proxies = Lines(files.Proxies, LedgerJson.Default.ProxySample),
            Snapshots = snapshots,
            Settled = Records(SnapshotMoment.Settled),
            DuringDisaster = Records(SnapshotMoment.Disaster),
        };

        List<ClusterRecord> Records(SnapshotMoment moment) =>
            [.. snapshots.Where(s => s.Moment == moment).SelectMany(s => Lines(files.Cluster(s.Cluster, moment), LedgerJson.Default.ClusterRecord))];
    }

    private static IEnumerable<string> ClientFiles(LedgerFiles files) =>
        Directory.Exists(files.ClientsFolder) ? Directory.EnumerateFiles(files.ClientsFolder, "*.jsonl").Order(StringComparer.Ordinal) : [];

    private static List<T> Lines<T>(string path, JsonTypeInfo<T> type)
    {
        var result = new List<T>();
        if (!File.Exists(path))
        {
            return result;
        }

        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            result.Add(Parse(line, type, path, ++number));
        }

        return result;
    }

    private static T Parse<T>(string json, JsonTypeInfo<T> type, string path, int line)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"{path}:{line}: null where a ledger entry belongs");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{line}: not a ledger entry: {e.Message}", e);
        }
    }
}
