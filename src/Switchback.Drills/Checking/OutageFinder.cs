using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Checking;

/// <summary>
/// Finds the times in which an application stood still although there was something to do. Of each procedure (failover, failback) the longest
/// is always given, however short; of any phase every one from <see cref="NotableMs"/> on.
/// </summary>
internal sealed class OutageFinder(Course course, WaitExplainer explainer)
{
    /// <summary>From this length on, in milliseconds, an outage is given wherever it is.</summary>
    public const double NotableMs = 1000;

    public IReadOnlyList<Outage> Find(ClientFlow flow)
    {
        var gaps = Gaps(flow).ToList();
        var longest = gaps.GroupBy(gap => gap.Phase).ToDictionary(phase => phase.Key, phase => phase.MaxBy(gap => gap.OutageMs));
        return
        [
            .. gaps.Where(gap => gap.OutageMs >= NotableMs || (IsProcedure(gap.Phase) && gap == longest[gap.Phase]))
                .Select(gap => gap with { Explanation = explainer.Explain(flow.Client, gap) }),
        ];
    }

    private static bool IsProcedure(string phase) => phase is PhaseNames.Failover or PhaseNames.Failback;

    private IEnumerable<Outage> Gaps(ClientFlow flow)
    {
        var demand = flow.Demand.OrderBy(work => work.FromMs).ToList();
        var times = flow.Progress.Select(moment => moment.AtMs).ToList();
        for (var i = 0; i + 1 < times.Count; i++)
        {
            if (Between(demand, times[i], times[i + 1], recovered: true) is { } gap)
            {
                yield return gap;
            }
        }

        // Nothing after the last one: an outage only where work went on coming for some time and was never done.
        var last = times.Count > 0 ? times[^1] : demand.Count > 0 ? demand[0].FromMs : double.PositiveInfinity;
        var undone = flow.Undone.Where(from => from >= last).DefaultIfEmpty(last).Max();
        if (undone - last >= NotableMs && Between(demand, last, Math.Max(undone, EndOfDemand(flow)), recovered: false) is { } open)
        {
            yield return open;
        }
    }

    /// <summary>A producer has nothing to do once the load ends; a consumer has, for as long as a record waits for it.</summary>
    private double EndOfDemand(ClientFlow flow) => flow.Client.Role == ClientRole.Consumer ? course.EndMs : 0;

    private Outage? Between(List<(double FromMs, double UntilMs)> demand, double from, double to, bool recovered)
    {
        if (to - from < 1)
        {
            return null;
        }

        // Work that was there in the gap: not done before it, and not given up long before it either.
        var waiting = demand.Where(work => work.FromMs < to && work.UntilMs >= to && (work.FromMs >= from || !double.IsPositiveInfinity(work.UntilMs))).ToList();
        if (waiting.Count == 0)
        {
            return null;
        }

        // An idle time before the first work is not an outage; the usual distance between two records is part of one.
        var begin = Math.Max(from, waiting[0].FromMs);
        begin = begin - from >= NotableMs ? begin : from;
        return new Outage(Name(begin, to), Math.Round(begin, 1), Math.Round(to, 1), Math.Round(to - begin, 1), recovered);
    }

    /// <summary>The procedure that an outage belongs to: the one whose moment it spans, the fault before the switches; else the phase it is in.</summary>
    private string Name(double from, double to)
    {
        if (from <= course.DisasterMs && to > course.DisasterMs)
        {
            return to > course.FailoverMs ? PhaseNames.Failover : PhaseNames.Disaster;
        }

        if (to > course.FailbackMs)
        {
            return from >= course.FailbackMs && course.PhaseAt(from) == PhaseNames.Settled ? PhaseNames.Settled : PhaseNames.Failback;
        }

        return to > course.FailoverMs ? PhaseNames.Failover : course.PhaseAt(from);
    }
}
