using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>What a group's members say was committed, by log: a cluster in one epoch, topic and partition.</summary>
internal sealed class CommitHistory
{
    private readonly Dictionary<(string Cluster, int Epoch, string Topic, int Partition), List<Observation>> _byLog;

    public CommitHistory(CheckContext context, IReadOnlySet<string> members) =>
        _byLog = context.Applications.Commits.Where(seen => members.Contains(seen.Client) && seen is { Offset: not null, Topic: not null, Partition: not null })
            .Select(seen => (Commit: seen, Cluster: context.ClusterOf(seen.Pod)))
            .Where(seen => seen.Cluster is not null)
            .GroupBy(seen => (seen.Cluster!, context.EpochOf(seen.Cluster, seen.Commit.AtMs), seen.Commit.Topic!, seen.Commit.Partition!.Value))
            .ToDictionary(log => log.Key, log => log.Select(seen => seen.Commit).OrderBy(commit => commit.AtMs).ToList());

    /// <summary>
    /// The first of the commits that the group's place has been beyond an offset since, and was so still at the end of a time; null where it was not, or nobody says.
    /// </summary>
    public Observation? StandingBeyond(long offset, (string Cluster, int Epoch, string Topic, int Partition) log, double from, double until)
    {
        Observation? first = null;
        foreach (var commit in _byLog.GetValueOrDefault(log, []).SkipWhile(commit => commit.AtMs < from).TakeWhile(commit => commit.AtMs < until))
        {
            // One at the offset itself or below it: the application put its own place back.
            first = commit.Offset > offset ? first ?? commit : null;
        }

        return first;
    }
}
