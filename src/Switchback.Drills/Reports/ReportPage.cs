using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>The report of a drill for someone who was not there: one file, no scripts, nothing fetched from anywhere.</summary>
internal static class ReportPage
{
    public const string FileName = "report.html";

    public static void Write(DrillEvidence evidence, Verdict verdict, string directory) =>
        File.WriteAllText(Path.Combine(directory, FileName), Render(evidence, verdict).Markup);

    public static Html Render(DrillEvidence evidence, Verdict verdict)
    {
        var body = Html.Of($"""
            <div class="eyebrow"><span>Switchback drill</span><span>{verdict.Scenario}</span><span class="badge{(verdict.Holds ? "" : " bad")}">{(verdict.Holds ? "holds" : "does not hold")}</span></div>
            <h1>{verdict.Sentence}</h1>
            <ul class="facts"><li>Started <b>{verdict.Started:yyyy-MM-dd HH:mm} UTC</b></li><li>Took <b>{Figures.Length(verdict.DurationMs)}</b></li><li>Kafka <b>{verdict.Kafka}</b></li><li>Kubernetes <b>{verdict.Kubernetes}</b></li><li>Pod network <b>{verdict.Network}</b></li><li>Fault <b>{verdict.Fault}</b></li><li>Seed <b>{verdict.Seed}</b></li></ul>
            {KeyFigures(verdict)}
            {TimelineSection.Render(evidence, verdict)}
            {RecordsSection.Render(verdict)}
            {AdviceSection(verdict)}
            {ClientsSection.Render(verdict)}
            {ProxiesSection.Render(verdict)}
            {CourseSection.Render(verdict)}
            {CourseSection.Bars(verdict)}
            <footer class="foot"><p>All times are milliseconds of one monotonic clock since the drill began, written as seconds here. Sends, acknowledgements and deliveries were noted by the applications themselves; the clusters were read whole,
            committed records only, with every batch’s checksum verified. The same numbers are in verdict.json; the raw observations are in ledger/, and the verdict can be computed from them again.</p></footer>
            """);
        return Document($"{verdict.Scenario}: {(verdict.Holds ? "holds" : "does not hold")}", body);
    }

    /// <summary>A whole page in the one style.</summary>
    public static Html Document(string title, Html body) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title}</title>
        <style>
        {new Html(PageStyle.Css)}
        {new Html(ChartStyle.Css)}
        </style>
        </head>
        <body>
        <main>
        {body}
        </main>
        </body>
        </html>

        """);

    private static Html KeyFigures(Verdict verdict)
    {
        var counts = verdict.Records;
        return Html.Of($"""
            <div class="figures">
            {Figure(Figures.Count(counts.Acknowledged), $"acknowledged of {Figures.Count(counts.Sent)} sent", "")}
            {Figure(Figures.Count(counts.Lost), "of these lost", counts.Lost > 0 ? "bad" : "")}
            {Figure(Figures.Count(counts.Stranded), "out of reach while the disaster lasted", counts.Stranded > 0 ? "warn" : "")}
            {Figure(Figures.Count(counts.SilentlyLost), "vanished without an error", counts.SilentlyLost > 0 ? "warn" : "")}
            {Longest(verdict, PhaseNames.Failover)}
            {Longest(verdict, PhaseNames.Failback)}
            </div>
            """);
    }

    private static Html Longest(Verdict verdict, string phase)
    {
        var outages = verdict.Clients.SelectMany(client => client.Outages).Where(outage => outage.Phase == phase).ToList();
        return outages.Count == 0 ? Figure("–", $"no outage at {phase}", "")
            : outages.Any(outage => !outage.Recovered) ? Figure("no end", $"a client did not come back at {phase}", "bad")
            : Figure(Figures.Length(outages.Max(outage => outage.OutageMs)), $"longest outage at {phase}", "");
    }

    private static Html Figure(string value, string label, string style) => Html.Of($"<div class=\"{style}\"><b>{value}</b><span>{label}</span></div>");

    private static Html AdviceSection(Verdict verdict)
    {
        var advice = Advice.For(verdict).ToList();
        return Html.Of($"""
            <h2>What to change to lose less</h2>
            {(advice.Count == 0
                ? Html.Of($"<p class=\"lead\">Nothing in this drill calls for a change.</p>")
                : Html.Of($"<p class=\"lead\">Drawn from what this drill found, the most harmful first.</p>{advice.Select(item => Html.Of($"<div class=\"card advice\"><h3>{item.Finding}</h3><p style=\"margin:6px 0 0\">{item.Change}</p></div>"))}"))}
            """);
    }
}
