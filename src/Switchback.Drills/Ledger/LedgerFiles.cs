namespace Switchback.Drills.Ledger;

/// <summary>Where the raw observations of a drill are kept below its report directory.</summary>
internal sealed class LedgerFiles(string directory)
{
    public const string FolderName = "ledger";

    public string Folder { get; } = Path.Combine(directory, FolderName);

    public string Drill => Path.Combine(Folder, "drill.json");

    public string Phases => Path.Combine(Folder, "phases.jsonl");

    public string Steps => Path.Combine(Folder, "steps.jsonl");

    public string Pods => Path.Combine(Folder, "pods.jsonl");

    public string Rollouts => Path.Combine(Folder, "rollouts.jsonl");

    public string Snapshots => Path.Combine(Folder, "snapshots.jsonl");

    public string Requests => Path.Combine(Folder, "requests.jsonl");

    public string Proxies => Path.Combine(Folder, "proxies.jsonl");

    public string ClientsFolder => Path.Combine(Folder, "clients");

    public string ClustersFolder => Path.Combine(Folder, "clusters");

    public string Client(string name) => Path.Combine(ClientsFolder, $"{name}.jsonl");

    public string Cluster(string name, SnapshotMoment moment) =>
        Path.Combine(ClustersFolder, moment == SnapshotMoment.Settled ? $"{name}.jsonl" : $"{name}.disaster.jsonl");
}
