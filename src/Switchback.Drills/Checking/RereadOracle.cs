using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// Whether a group was delivered a record again only for a reason: because it had not committed beyond it when it was moved, because its place had not yet been carried to the other
/// cluster, or because the record itself was stranded. Whatever else it reads again is named <c>reread</c>. On one cluster every answered commit counts, since nobody need
/// carry it; between two, one that was answered before a calm stretch (<see cref="CalmTimes"/>) of <c>consumer.offset.sync.ms</c> and <see cref="RoundMs"/>; and where no link carries places,
/// every one, because that is what a set-up without group sync reads again. Of consumers that do not tell of their commits nothing is said.
/// </summary>
internal sealed class RereadOracle
{
    /// <summary>
    /// How long the mirror's own round may take besides <c>consumer.offset.sync.ms</c>, in milliseconds. It looks at a group whose twin still has members, such as one that died with its
    /// cluster, every 500 ms; a commit can come just after the round that is under way has asked for its group, and a round is some ten requests to two clusters: a few ms at rest, and
    /// 250 ms each for two of them on a machine that starts pods.
    /// </summary>
    public const double RoundMs = 1000;

    private readonly CheckContext _context;
    private readonly string _application;
    private readonly Dictionary<string, List<Observation>> _deliveries;
    private readonly CommitHistory _commits;
    private readonly CalmTimes _calm;
    private readonly GroupPresence _presence;
    private readonly bool _forgets;

    private RereadOracle(CheckContext context, string application, IReadOnlySet<string> members, Dictionary<string, List<Observation>> deliveries)
    {
        _context = context;
        _application = application;
        _deliveries = deliveries;
        _commits = new CommitHistory(context, members);
        _calm = new CalmTimes(context, members);
        _presence = new GroupPresence(context, members);
        _forgets = context.Facts.Fault is "power-loss" or "destroyed";
    }

    /// <param name="context">The drill.</param>
    /// <param name="application">The group.</param>
    /// <param name="members">Its applications.</param>
    /// <param name="deliveries">What they were delivered, by id.</param>
    public static IEnumerable<Anomaly> Run(
        CheckContext context, string application, IReadOnlySet<string> members, Dictionary<string, List<Observation>> deliveries) =>
        context.Applications.Commits.Any(seen => members.Contains(seen.Client)) ? new RereadOracle(context, application, members, deliveries).Find() : [];

    private IEnumerable<Anomaly> Find()
    {
        foreach (var times in _deliveries.Values.Where(times => times.Count > 1))
        {
            var places = times.OrderBy(seen => seen.AtMs).Select(seen => (Seen: seen, Cluster: _context.ClusterOf(seen)))
                .Where(place => place is { Cluster: not null, Seen: { Offset: not null, Topic: not null, Partition: not null } }).ToList();
            for (var again = 1; again < places.Count; again++)
            {
                // The latest of the earlier ones that speaks against it is the plainest.
                var why = places.Take(again).Reverse().Select(first => Why(first.Seen, first.Cluster!, places[again].Seen, places[again].Cluster!)).OfType<string>().FirstOrDefault();
                if (why is not null)
                {
                    var (seen, cluster) = places[again];
                    yield return new Anomaly(AnomalyKinds.Reread, seen.Id, cluster, seen.Topic, seen.Partition, seen.Offset,
                        $"delivered again to {_application} at {Seconds(seen.AtMs)}: {why}", seen.Client);
                }
            }
        }
    }

    /// <summary>Why the group should have known that it had read the record; null where it need not have.</summary>
    private string? Why(Observation first, string from, Observation again, string to)
    {
        if (from == to)
        {
            return SamePlace(first, again) ? WhyOn(first, again, from) : null;
        }

        return IsCopy(from, first, to, again) || IsCopy(to, again, from, first) ? WhyBetween(first, from, again, to) : null;
    }

    private string? WhyOn(Observation first, Observation again, string cluster)
    {
        // A commit can be gone with the power that kept it.
        if (_forgets && _context.EpochOf(cluster, first.AtMs) != _context.EpochOf(cluster, again.AtMs))
        {
            return null;
        }

        return Commit(first, cluster, _presence.TakenUpBy(again)) is { } commit
            ? $"its commit of {commit.Offset} was answered by the same cluster at {Seconds(commit.AtMs)}"
            : null;
    }

    private string? WhyBetween(Observation first, string from, Observation again, string to)
    {
        var link = _context.Topology.Links.FirstOrDefault(link => link.Source == from && link.Target == to);
        var takenUp = _presence.TakenUpOn(to, first.AtMs, again);
        if (link is { SyncsOffsets: null } || IsStranded(first, from, to) || Commit(first, from, takenUp) is not { } commit)
        {
            return null;
        }

        var answered = FormattableString.Invariant($"its commit of {commit.Offset} was answered by {from} at {Seconds(commit.AtMs)}");
        if (link?.SyncsOffsets is not true)
        {
            return $"{answered}, and no link carries the group's place to {to}{(link is null ? "" : $" ({link.Name}: consumer.offset.sync.enable is false)")}";
        }

        var (since, until) = _forgets ? Kept(from, to, commit.AtMs, takenUp) : (commit.AtMs, takenUp);
        return _calm.Longest(from, to, since, until) >= (link.OffsetSyncMs ?? 0) + RoundMs
            ? FormattableString.Invariant($"{answered}, and {link.Name} had until {Seconds(takenUp)} to carry the group's place to {to}, every {link.OffsetSyncMs:0} ms")
            : null;
    }

    private Observation? Commit(Observation first, string cluster, double until) =>
        _commits.StandingBeyond(first.Offset!.Value, (cluster, _context.EpochOf(cluster, first.AtMs), first.Topic!, first.Partition!.Value), first.AtMs, until);

    /// <summary>Whether the record was delivered by the lost cluster and was not on the other side while that was away; it could not be passed over where it was not.</summary>
    private bool IsStranded(Observation first, string from, string to)
    {
        if (from != _context.Facts.LostCluster)
        {
            return false;
        }

        var read = _context.Evidence.Snapshots.FirstOrDefault(snapshot => snapshot.Moment == SnapshotMoment.Disaster && snapshot.Cluster == to);
        return read is null || (first.AtMs < read.StartedMs && !_context.DuringDisaster.PlacesOf(first.Id).Any(place => place.Cluster == to));
    }

    /// <summary>Where a cluster forgets: until the fault that takes the commit from the one side, and since the other side was last back, with what it had kept.</summary>
    private (double SinceMs, double UntilMs) Kept(string from, string to, double committed, double takenUp)
    {
        var steps = _context.Evidence.Steps;
        var fault = steps.Where(step => step.Kind == StepKind.Fault && step.Cluster == from && step.StartedMs > committed).Select(step => step.StartedMs);
        var back = steps.Where(step => step.Kind == StepKind.Recovery && step.Cluster == to && step.EndedMs < takenUp).Select(step => step.EndedMs);
        return (Math.Max(committed, back.DefaultIfEmpty(committed).Max()), Math.Min(takenUp, fault.DefaultIfEmpty(takenUp).Min()));
    }

    private bool IsCopy(string source, Observation original, string target, Observation copy) =>
        original.Partition == copy.Partition && _context.Topology.IsCopy(source, target, copy.Topic!, original.Topic!);

    private static bool SamePlace(Observation one, Observation other) => (one.Topic, one.Partition, one.Offset) == (other.Topic, other.Partition, other.Offset);

    private static string Seconds(double ms) => FormattableString.Invariant($"{ms / 1000:0.000} s");
}
