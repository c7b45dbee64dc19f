using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>The drill at a glance: its phases, what was done to the clients, and each client's flow below.</summary>
internal static class TimelineSection
{
    /// <summary>Marks nearer to each other than this, in percent of the width, share one dot: two would cover each other on a narrow screen.</summary>
    private const double DotWidth = 6;

    public static Html Render(DrillEvidence evidence, Verdict verdict)
    {
        if (verdict.Phases.Count == 0)
        {
            return Html.None;
        }

        var scale = new TimeScale(verdict.Phases[0].StartedMs, verdict.Phases[^1].EndedMs);
        var marks = Marks(verdict.Steps, scale);
        return Html.Of($"""
            <h2>What each client went through</h2>
            <p class="lead">Records a second, all on one clock. A shaded band is a time in which a client stood still although there was something to do; its length is written above.</p>
            <div class="card timeline">
            <div class="band" aria-hidden="true">{verdict.Phases.Select(phase => Band(phase, scale))}</div>
            <p class="phases">{verdict.Phases.Select((phase, index) => Html.Of($"{(index == 0 ? "" : ", ")}<span>{phase.Name} from {Figures.Moment(phase.StartedMs)}</span>"))}</p>
            <div class="marks" aria-hidden="true">{marks.Select(mark => Dot(mark.Letter, mark.Steps[0].Kind, $"left:{mark.Percent}%"))}</div>
            {verdict.Clients.Select(client => new FlowChart(scale, verdict.Steps, client, evidence.Observations).Render())}
            <div class="axis" aria-hidden="true">{scale.Ticks().Select(tick => Tick(tick, scale))}</div>
            <div class="legend"><span><i class="i-flow"></i>acknowledged or delivered</span><span><i class="i-sent"></i>sent</span><span><i class="i-outage"></i>outage</span></div>
            <ul class="key">{marks.Select(Key)}</ul>
            </div>

            """);
    }

    private static List<(string Letter, double Percent, List<StepFact> Steps)> Marks(IReadOnlyList<StepFact> steps, TimeScale scale)
    {
        var marks = new List<(string Letter, double Percent, List<StepFact> Steps)>();
        foreach (var step in steps.Where(step => step.Kind != StepKind.Step).OrderBy(step => step.StartedMs))
        {
            var percent = scale.Percent(step.StartedMs);
            if (marks.Count > 0 && marks[^1].Steps[0].Kind == step.Kind && percent - marks[^1].Percent < DotWidth)
            {
                marks[^1].Steps.Add(step);
            }
            else
            {
                // Of two different things so near, the later one's dot stands a little aside.
                var clear = marks.Count > 0 ? Math.Max(percent, marks[^1].Percent + DotWidth) : percent;
                marks.Add((((char)('A' + (marks.Count % 26))).ToString(), Math.Min(clear, 100), [step]));
            }
        }

        return marks;
    }

    private static Html Band(PhaseFact phase, TimeScale scale)
    {
        var share = (phase.EndedMs - phase.StartedMs) / scale.LengthMs * 100;

        // In percent of the full width, and of a narrow screen's: a name that does not fit would be cut.
        var width = 1 + (phase.Name.Length * 0.65);
        var name = share > width ? phase.Name : "";
        return Html.Of($"<span class=\"{phase.Name}{(share > width * 3.2 ? "" : " tight")}\" style=\"flex:{share:0.###} 0 0\" title=\"{phase.Name}\">{name}</span>");
    }

    private static Html Tick(double ms, TimeScale scale)
    {
        var percent = scale.Percent(ms);
        var edge = percent < 3 ? " first" : percent > 97 ? " last" : "";
        return Html.Of($"<span class=\"at{edge}\" style=\"left:{percent}%\">{ms / 1000:0.##} s</span>");
    }

    private static Html Key((string Letter, double Percent, List<StepFact> Steps) mark) => Html.Of($"""
        <li>{Dot(mark.Letter, mark.Steps[0].Kind, "")}<div>{mark.Steps.Select(step => Html.Of($"<span class=\"t\">{Figures.Moment(step.StartedMs)}</span><span>{step.Title}</span>"))}</div></li>
        """);

    private static Html Dot(string letter, StepKind kind, string style) => Html.Of($"<span class=\"dot {FlowChart.Name(kind)}\" style=\"{style}\">{letter}</span>");
}
