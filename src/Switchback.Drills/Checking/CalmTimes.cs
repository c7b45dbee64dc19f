using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// The times in which a group's place could be carried from one cluster to another: both and everything between them were well, and no pods of the group were
/// there on both sides. A fault of no cluster is the mirror's or the platform's; either counts.
/// </summary>
internal sealed class CalmTimes(CheckContext context, IReadOnlySet<string> members)
{
    /// <summary>
    /// How long after a recovery nothing is expected yet, in milliseconds: the mirror tries a lost cluster again every 0.8 s at the latest, then takes its copies over, and looks for
    /// groups once a second.
    /// </summary>
    public const double SettlingMs = 3000;

    private readonly Dictionary<(string Source, string Target), List<(double FromMs, double ToMs)>> _known = [];

    /// <summary>The longest calm stretch between two moments, in milliseconds.</summary>
    public double Longest(string source, string target, double fromMs, double toMs)
    {
        var longest = 0.0;
        var at = fromMs;
        foreach (var unrest in Unrest(source, target).Where(unrest => unrest.ToMs > fromMs && unrest.FromMs < toMs))
        {
            longest = Math.Max(longest, unrest.FromMs - at);
            at = Math.Max(at, unrest.ToMs);
        }

        return Math.Max(longest, toMs - at);
    }

    private List<(double FromMs, double ToMs)> Unrest(string source, string target)
    {
        if (!_known.TryGetValue((source, target), out var unrest))
        {
            _known[(source, target)] = unrest = [.. Faults([source, target, null]).Concat(OnBothSides(source, target)).OrderBy(time => time.FromMs)];
        }

        return unrest;
    }

    private IEnumerable<(double FromMs, double ToMs)> Faults(IReadOnlyList<string?> parts)
    {
        foreach (var part in parts)
        {
            // The mirror and the platform can both be faulty at once, and are told apart by nothing here: it is over when all of it is.
            var (open, since) = (0, 0.0);
            foreach (var step in context.Evidence.Steps.Where(step => step.Cluster == part && step.Kind is StepKind.Fault or StepKind.Recovery).OrderBy(step => step.StartedMs))
            {
                if (step.Kind == StepKind.Fault)
                {
                    since = open++ == 0 ? step.StartedMs : since;
                }
                else if (open > 0 && --open == 0)
                {
                    yield return (since, step.EndedMs + SettlingMs);
                }
            }

            if (open > 0)
            {
                yield return (since, double.PositiveInfinity);
            }
        }
    }

    private IEnumerable<(double FromMs, double ToMs)> OnBothSides(string source, string target)
    {
        var pods = context.Evidence.Pods.Where(pod => members.Contains(pod.Client)).ToList();
        return from one in pods.Where(pod => pod.Cluster == source)
               from other in pods.Where(pod => pod.Cluster == target)
               let begins = Math.Max(one.StartedMs, other.StartedMs)
               let ends = Math.Min(one.EndedMs ?? double.PositiveInfinity, other.EndedMs ?? double.PositiveInfinity)
               where begins < ends
               select (begins, ends);
    }
}
