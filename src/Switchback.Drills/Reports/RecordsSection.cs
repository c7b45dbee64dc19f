using Switchback.Drills.Checking;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>What became of every record: the counts as shares of all, what each count means, and every record that is not simply well.</summary>
internal static class RecordsSection
{
    /// <summary>More rows than this of one kind are left to verdict.json: a page must open.</summary>
    private const int MaxRows = 1000;

    private static readonly (string Kind, string Title, string Meaning)[] Kinds =
    [
        (AnomalyKinds.Undecided, "undecided", "something the verdict needs was not observed"),
        (AnomalyKinds.Lost, "lost", "acknowledged, and readable nowhere any more"),
        (AnomalyKinds.NoProgress, "no progress", "a client that stood still where it should have moved"),
        (AnomalyKinds.Stranded, "stranded", "acknowledged by the lost cluster, not readable on the other side while it was away"),
        (AnomalyKinds.Unknown, "unknown", "sent, and its application ended without hearing of it"),
        (AnomalyKinds.Skipped, "skipped", "readable, and never delivered to the consuming application"),
        (AnomalyKinds.Unmirrored, "unmirrored", "still not in the mirror's copy once settled"),
        (AnomalyKinds.DuplicatedInLog, "duplicated in a topic", "one id at several places of one topic"),
        (AnomalyKinds.DuplicatedDelivery, "delivered twice", "one id delivered several times to one application"),
        (AnomalyKinds.Reordered, "reordered", "read after a later record of the same producer and key"),
        (AnomalyKinds.FailedFound, "failed, and there", "the application was told that it failed"),
        (AnomalyKinds.Reassigned, "place given away", "the offset told holds another record now"),
        (AnomalyKinds.Rewound, "rewound", "one consumer went back to an earlier offset without a rebalance"),
        (AnomalyKinds.Reread, "read again", "delivered again although its group's commit beyond it had been answered in time to be known"),
        (AnomalyKinds.LostWrite, "lost write", "acknowledged and read by nobody, below what was read of its partition"),
        (AnomalyKinds.Unseen, "unseen", "acknowledged and read by nobody, above all that was read of its partition"),
        (AnomalyKinds.PollSkip, "passed over", "one consumer was delivered a later record of the partition without this one"),
        (AnomalyKinds.NonMonotonicSend, "sent backwards", "acknowledged at a lower offset than a record of its producer and key that was sent before it"),
        (AnomalyKinds.InconsistentOffset, "two at one place", "two records were said to be at one offset"),
        (AnomalyKinds.AbortedRead, "aborted, and read", "delivered although its transaction was aborted"),
        (AnomalyKinds.PrecommittedRead, "read before its commit", "delivered before its transaction's commit was asked for"),
        (AnomalyKinds.Misplaced, "misplaced", "in a topic where it does not belong"),
        (AnomalyKinds.Unaccounted, "unaccounted", "the ledger and the clusters disagree about what was sent"),
    ];

    public static Html Render(Verdict verdict)
    {
        var counts = verdict.Records;
        return Html.Of($"""
            <h2>What happened to every record</h2>
            <p class="lead">Each record has an id. It counts as safe only when a reader of both whole clusters found it again, never because somebody acknowledged it.</p>
            <div class="card">
            {Split(counts.Sent, "sent", ("", "acknowledged", counts.Acknowledged), ("failed", "failed: the application was told", counts.Failed), ("unknown", "unknown: nobody was told anything", counts.Unknown))}
            {Html.When(counts.Unknown > 0, $"{Split(counts.Unknown, "unknown", ("found", "stored all the same", counts.UnknownFound), ("gone", "vanished: in no cluster, and no error anywhere", counts.SilentlyLost))}")}
            <div class="scroll"><table class="records">
            <thead><tr><th>Count</th><th class="n">Records</th><th>Meaning</th></tr></thead><tbody>
            {Row("acknowledged", counts.Acknowledged, "the client was told that it is stored", bad: false)}
            {Row("lost", counts.Lost, "of these, readable nowhere once everything was back and settled", counts.Lost > 0)}
            {Row("stranded", counts.Stranded, "acknowledged by the lost cluster and out of reach while it was away: the measured recovery point", bad: false)}
            {Row("skipped", counts.Skipped, "readable, and never delivered to the application that reads the topic", counts.Skipped > 0)}
            {Row("duplicated", counts.Duplicated, $"more than once in a topic ({Figures.Count(counts.DuplicatedInLog)}), or delivered more than once ({Figures.Count(counts.DuplicatedDeliveries)})", bad: false)}
            {Row("reordered", counts.Reordered, "in another order than sent, among one producer's records of one key", counts.Reordered > 0)}
            {Row("unmirrored", counts.Unmirrored, "in its own topic, and not in the copy on the other side", counts.Unmirrored > 0)}
            </tbody></table></div>
            {Kinds.Select(kind => List(verdict, kind.Kind, kind.Title, kind.Meaning))}
            </div>

            """);
    }

    private static Html Split(int all, string what, params ReadOnlySpan<(string Class, string Label, int Count)> parts)
    {
        var bar = new List<Html>();
        var labels = new List<Html>();
        foreach (var (style, label, count) in parts)
        {
            if (count > 0)
            {
                bar.Add(Html.Of($"<i class=\"{style}\" style=\"flex:{count} 0 0\"></i>"));
            }

            labels.Add(Html.Of($"<li class=\"{style}\"><i></i><b>{Figures.Count(count)}</b> {label}</li>"));
        }

        return Html.Of($"<p><b>{Figures.Count(all)}</b> {what}</p><div class=\"bar\" aria-hidden=\"true\">{bar}</div><ul class=\"split\">{labels}</ul>");
    }

    private static Html Row(string name, int count, string meaning, bool bad) => Html.Of($"""
        <tr><td>{name}</td><td class="n{(bad ? " bad-ink" : "")}">{Figures.Count(count)}</td><td class="soft">{meaning}</td></tr>
        """);

    private static Html List(Verdict verdict, string kind, string title, string meaning)
    {
        var found = verdict.Anomalies.Where(anomaly => anomaly.Kind == kind).ToList();
        return Html.When(found.Count > 0, $"""
            <details data-kind="{kind}"><summary><b>{Figures.Count(found.Count)}</b><span>{title}</span><span class="soft">{meaning}</span></summary>
            <div class="scroll"><table><thead><tr><th>Record</th><th>Place</th><th>Client</th><th>What is known</th></tr></thead><tbody>
            {found.Take(MaxRows).Select(Line)}
            </tbody></table></div>
            {Html.When(found.Count > MaxRows, $"<p class=\"soft\">{Figures.Count(found.Count - MaxRows)} more are in verdict.json.</p>")}
            </details>
            """);
    }

    private static Html Line(Anomaly anomaly)
    {
        var place = anomaly.Partition is null ? anomaly.Topic : $"{anomaly.Topic}-{anomaly.Partition}{(anomaly.Offset is null ? "" : $"@{anomaly.Offset}")}";
        return Html.Of($"""
            <tr><td>{Html.When(anomaly.Id is not null, $"<code>{anomaly.Id}</code>")}</td><td>{anomaly.Cluster} {place}</td><td>{anomaly.Client}</td><td class="soft">{anomaly.Detail}</td></tr>
            """);
    }
}
