using System.Globalization;
using Switchback.Drills.Reports;

namespace Switchback.Drills.Load;

/// <summary>A load test's summary for people: as text, and as a page.</summary>
public static class LoadReport
{
    /// <summary>A few lines for a terminal.</summary>
    public static string Text(LoadSummary summary)
    {
        var latency = summary.LatencyMs;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {Sentence(summary)}
            rate       {summary.PerSecond:0.0} requests/s by {summary.Users} users
            latency    p50 {latency.P50:0.0} ms, p90 {latency.P90:0.0} ms, p99 {latency.P99:0.0} ms, max {latency.Max:0.0} ms
            outcomes   {string.Join(", ", summary.Outcomes.Select(outcome => $"{outcome.Outcome}: {outcome.Count}"))}
            """);
    }

    /// <summary>A page in one file: no scripts, nothing fetched.</summary>
    public static string Page(LoadSummary summary)
    {
        var latency = summary.LatencyMs;
        var good = summary.Failures == 0 && summary.Requests == summary.Asked;
        return ReportPage.Document($"Load test of {summary.Url}", Html.Of($"""
            <div class="eyebrow"><span>Switchback load</span><span>{summary.Url}</span><span class="badge{(good ? "" : " bad")}">{(good ? "all succeeded" : "not all succeeded")}</span></div>
            <h1>{Sentence(summary)}</h1>
            <ul class="facts"><li>Started <b>{summary.Started:yyyy-MM-dd HH:mm:ss} UTC</b></li><li>Took <b>{Figures.Length(summary.DurationMs)}</b></li><li>Users <b>{summary.Users}</b></li></ul>
            <div class="figures">
            {Figure(Figures.Count(summary.Requests), $"requests of {Figures.Count(summary.Asked)}")}
            <div class="{(summary.Failures > 0 ? "bad" : "")}"><b>{Figures.Count(summary.Failures)}</b><span>failed</span></div>
            {Figure(summary.PerSecond.ToString("0.#", CultureInfo.InvariantCulture), "requests a second")}
            {Figure(Figures.Length(latency.P50), "half took no longer")}
            {Figure(Figures.Length(latency.P99), "99 % took no longer")}
            {Figure(Figures.Length(latency.Max), "the longest")}
            </div>
            <h2>Requests over time</h2>
            <p class="lead">Requests ended a second, over the whole test.</p>
            <div class="card">{Rate(summary)}</div>
            <h2>How long they took</h2>
            <p class="lead">From the start of a request to its whole answer.</p>
            <div class="card"><div class="scroll"><table class="even"><thead><tr><th class="n">Shortest</th><th class="n">50 %</th><th class="n">90 %</th><th class="n">99 %</th><th class="n">Longest</th><th class="n">Mean</th></tr></thead>
            <tbody><tr><td class="n">{Figures.Length(latency.Min)}</td><td class="n">{Figures.Length(latency.P50)}</td><td class="n">{Figures.Length(latency.P90)}</td><td class="n">{Figures.Length(latency.P99)}</td><td class="n">{Figures.Length(latency.Max)}</td><td class="n">{Figures.Length(latency.Mean)}</td></tr></tbody></table></div></div>
            <h2>How they ended</h2>
            <div class="card"><table><thead><tr><th>Outcome</th><th class="n">Requests</th><th class="n">Share</th></tr></thead><tbody>
            {summary.Outcomes.Select(outcome => Html.Of($"<tr><td class=\"{(outcome.Success ? "" : "bad-ink")}\">{outcome.Outcome}</td><td class=\"n\">{Figures.Count(outcome.Count)}</td><td class=\"n\">{100.0 * outcome.Count / summary.Requests:0.0} %</td></tr>"))}
            </tbody></table></div>
            """)).Markup;
    }

    private static Html Rate(LoadSummary summary)
    {
        var scale = new TimeScale(0, Math.Max(summary.DurationMs, 1));
        var width = Math.Max(summary.DurationMs / 120, 10);
        var bins = new int[(int)Math.Ceiling(Math.Max(summary.DurationMs, 1) / width)];
        var failed = new int[bins.Length];
        foreach (var sample in summary.Samples)
        {
            var bin = Math.Clamp((int)((sample.AtMs + sample.TookMs) / width), 0, bins.Length - 1);
            bins[bin]++;
            failed[bin] += sample.Succeeded ? 0 : 1;
        }

        var top = Math.Max(1, bins.Max());
        return Html.Of($"""
            <p class="soft">up to {top * 1000 / width:0} requests/s</p>
            <div class="chart plot" role="img" aria-label="Requests ended a second over the test"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">{Bars(bins, "flow-bar")}{Bars(failed, "fail-bar")}</svg></div>
            <div class="axis" aria-hidden="true">{scale.Ticks().Select(tick => Html.Of($"<span class=\"at{(scale.Percent(tick) < 3 ? " first" : scale.Percent(tick) > 97 ? " last" : "")}\" style=\"left:{scale.Percent(tick)}%\">{tick / 1000:0.##} s</span>"))}</div>
            """);

        IEnumerable<Html> Bars(int[] counts, string style) => counts.Select((count, i) => Html.When(count > 0,
            $"<rect class=\"{style}\" x=\"{1000.0 * i / counts.Length:0.##}\" width=\"{1000.0 / counts.Length:0.##}\" y=\"{100 - (96.0 * count / top):0.##}\" height=\"{96.0 * count / top:0.##}\"/>"));
    }

    private static Html Figure(string value, string label) => Html.Of($"<div><b>{value}</b><span>{label}</span></div>");

    private static string Sentence(LoadSummary summary)
    {
        var ended = summary.Requests == summary.Asked ? $"{Figures.Count(summary.Requests)} requests" : $"{Figures.Count(summary.Requests)} of {Figures.Count(summary.Asked)} requests, then cut short";
        return summary.Requests == 0 ? "No request ended."
            : $"{ended}: {(summary.Failures == 0 ? "all succeeded" : $"{Figures.Count(summary.Failures)} failed")}, half of them within {Figures.Length(summary.LatencyMs.P50)}, {summary.PerSecond.ToString("0.#", CultureInfo.InvariantCulture)} a second.";
    }
}
