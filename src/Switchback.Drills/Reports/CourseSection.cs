using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>What was done, when and by which command; what every change rolled; and the bars.</summary>
internal static class CourseSection
{
    public static Html Render(Verdict verdict) => Html.Of($"""
        <h2>What was done</h2>
        <p class="lead">Every step with its time since the drill began, and what a person types to do the same.</p>
        <div class="card"><div class="scroll"><table><thead><tr><th class="n">At</th><th class="n">Took</th><th>Step</th><th>By hand</th></tr></thead><tbody>
        {verdict.Steps.OrderBy(step => step.StartedMs).Select(Step)}
        </tbody></table></div></div>
        {Rollouts(verdict.Rollouts)}
        """);

    public static Html Bars(Verdict verdict) => Html.When(verdict.Bars.Count > 0, $"""
        <h2>What it was held to</h2>
        <p class="lead">The bars of the scenario file.</p>
        <div class="card"><div class="scroll"><table><thead><tr><th>Bar</th><th class="n">Measured</th><th>Met</th></tr></thead><tbody>
        {verdict.Bars.Select(bar => Html.Of($"""
            <tr><td>{bar.Bar}{Html.When(bar.Detail is not null, $"<br><span class=\"soft\">{bar.Detail}</span>")}</td><td class="n">{Measured(bar)}</td><td>{Met(bar.Holds)}</td></tr>
            """))}
        </tbody></table></div></div>

        """);

    private static Html Step(StepFact step) => Html.Of($"""
        <tr><td class="n t">{Figures.Moment(step.StartedMs)}</td><td class="n t">{Figures.Length(step.EndedMs - step.StartedMs)}</td><td>{step.Title}</td><td>{Html.When(step.Command is not null, $"<code>{step.Command}</code>")}</td></tr>
        """);

    private static Html Rollouts(IReadOnlyList<RolloutFact> rollouts)
    {
        var shown = rollouts.Where(rollout => rollout.Expected > 0 || rollout.Observed > 0).ToList();
        var untouched = rollouts.Count - shown.Count;
        return Html.When(rollouts.Count > 0, $"""
            <div class="card"><h3 style="margin-bottom:8px">What each change rolled</h3>
            <div class="scroll"><table><thead><tr><th>Change</th><th>Workload</th><th class="n">Rollouts</th><th class="n">Expected</th><th class="n">Done after</th></tr></thead><tbody>
            {shown.Select(rollout => Html.Of($"""
                <tr><td>{rollout.Change}</td><td>{rollout.Workload}</td><td class="n{(rollout.Observed == rollout.Expected ? "" : " bad-ink")}">{rollout.Observed}</td><td class="n">{rollout.Expected}</td><td class="n">{(rollout.DurationMs is { } took ? Figures.Length(took) : "")}</td></tr>
                """))}
            </tbody></table></div>
            {Html.When(untouched > 0, $"<p class=\"soft\" style=\"margin:12px 0 0\">{Figures.Counted(untouched, "other pair", "other pairs")} of change and workload: no rollout expected, none seen.</p>")}
            </div>

            """);
    }

    private static string Measured(BarVerdict bar) => bar.Value is not { } value ? "no end"
        : bar.Bar.StartsWith("outage", StringComparison.Ordinal) ? Figures.Length(value)
        : bar.Bar is Verdicts.Bars.EveryClientMadeProgress or Verdicts.Bars.OneRolloutPerChange ? value == 0 ? "" : Figures.Counted((long)value, "breach", "breaches")
        : Figures.Count((long)value);

    private static Html Met(bool holds) => holds ? Html.Of($"<span class=\"good-ink\">yes</span>") : Html.Of($"<span class=\"bad-ink\">no</span>");
}
