using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Switchback.Drills.Load;

namespace Switchback.Drills.Ledger;

/// <summary>
/// Appends everything a drill observes to <c>DIR/ledger</c>; safe to call from any thread. The verdict is computed from these files and nothing else,
/// so that anyone can compute it again.
/// </summary>
internal sealed class LedgerWriter : IDisposable
{
    private readonly LedgerFiles _files;
    private readonly Dictionary<string, StreamWriter> _open = [];
    private readonly Lock _gate = new();
    private string? _broken;

    private LedgerWriter(LedgerFiles files) => _files = files;

    /// <summary>Starts a ledger in a report directory; one that is there from an earlier drill is removed.</summary>
    public static LedgerWriter Create(string directory, DrillFacts facts)
    {
        var files = new LedgerFiles(directory);
        if (Directory.Exists(files.Folder))
        {
            Directory.Delete(files.Folder, recursive: true);
        }

        Directory.CreateDirectory(files.ClientsFolder);
        Directory.CreateDirectory(files.ClustersFolder);
        File.WriteAllText(files.Drill, JsonSerializer.Serialize(facts, LedgerJson.Default.DrillFacts));
        return new LedgerWriter(files);
    }

    public void Write(Observation observation) => Append(_files.Client(observation.Client), observation, LedgerJson.Default.Observation);

    public void Write(PhaseFact phase) => Append(_files.Phases, phase, LedgerJson.Default.PhaseFact);

    public void Write(StepFact step) => Append(_files.Steps, step, LedgerJson.Default.StepFact);

    public void Write(PodFact pod) => Append(_files.Pods, pod, LedgerJson.Default.PodFact);

    public void Write(RolloutFact rollout) => Append(_files.Rollouts, rollout, LedgerJson.Default.RolloutFact);

    /// <summary>Notes a cluster that there is nothing to read of.</summary>
    public void Write(SnapshotFact snapshot) => Append(_files.Snapshots, snapshot, LedgerJson.Default.SnapshotFact);

    public void Write(ProxySample sample) => Append(_files.Proxies, sample, LedgerJson.Default.ProxySample);

    public void Write(LoadSample sample) => Append(_files.Requests, sample, LedgerJson.Default.LoadSample);

    /// <summary>Writes down a whole cluster as it is read; a drill without a finished snapshot has none.</summary>
    public async Task<SnapshotFact> WriteSnapshotAsync(
        string cluster, SnapshotMoment moment, IAsyncEnumerable<ClusterRecord> records, DrillClock clock, CancellationToken cancellationToken)
    {
        var started = clock.NowMs;
        long count = 0;
        var path = _files.Cluster(cluster, moment);
        await foreach (var record in records.WithCancellation(cancellationToken))
        {
            Append(path, record, LedgerJson.Default.ClusterRecord);
            count++;
        }

        var fact = new SnapshotFact(cluster, moment, started, clock.NowMs, count);
        Write(fact);
        return fact;
    }

    /// <summary>Hands everything written so far to the operating system, for a reader of the files.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            foreach (var writer in _open.Values)
            {
                writer.Flush();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var writer in _open.Values)
            {
                writer.Dispose();
            }

            _open.Clear();
        }
    }

    private void Append<T>(string path, T value, JsonTypeInfo<T> type)
    {
        var line = JsonSerializer.Serialize(value, type);
        lock (_gate)
        {
            if (_broken is not null)
            {
                throw new LedgerException(_broken);
            }

            try
            {
                if (!_open.TryGetValue(path, out var writer))
                {
                    writer = new StreamWriter(path, append: true);
                    _open.Add(path, writer);
                }

                writer.WriteLine(line);
            }
            catch (IOException error)
            {
                // One line is missing: none that follows would make up for it.
                _broken = error.Message;
                throw new LedgerException(_broken);
            }
        }
    }
}
