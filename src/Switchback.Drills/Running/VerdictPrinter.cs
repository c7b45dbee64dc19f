using System.Globalization;
using Spectre.Console;
using Switchback.Drills.Reports;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Running;

/// <summary>The verdict as the terminal shows it: the records, the outages, the bars, one sentence, and where the rest is.</summary>
internal static class VerdictPrinter
{
    public static void Print(Verdict verdict, string folder, IAnsiConsole console)
    {
        console.Write(Records(verdict.Records));
        console.Write(Outages(verdict.Clients));
        foreach (var bar in verdict.Bars)
        {
            var verdictOnBar = bar.Holds ? "[green]holds[/]        " : "[red]does not hold[/]";
            console.MarkupLine($"  {verdictOnBar}  {Markup.Escape(bar.Detail is null ? bar.Bar : $"{bar.Bar}: {bar.Detail}")}");
        }

        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{verdict.Sentence}[/]");
        console.WriteLine();
        console.WriteLine($"  {Path.Combine(folder, VerdictBuilder.FileName)}   the verdict, for machines");
        console.WriteLine($"  {Path.Combine(folder, ReportPage.FileName)}   the report, for people");
        console.WriteLine($"  {Path.Combine(folder, "ledger")}/        every observation it was made from");
    }

    private static Table Records(RecordCounts counts)
    {
        var table = new Table { Border = TableBorder.Simple };
        (string Name, int Count)[] columns =
        [
            ("sent", counts.Sent), ("acknowledged", counts.Acknowledged), ("failed", counts.Failed), ("unknown", counts.Unknown), ("found", counts.UnknownFound),
            ("stranded", counts.Stranded), ("lost", counts.Lost), ("skipped", counts.Skipped), ("duplicated", counts.Duplicated), ("reordered", counts.Reordered),
        ];
        foreach (var (name, _) in columns)
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        table.AddRow([.. columns.Select(column => column.Count.ToString(CultureInfo.InvariantCulture))]);
        return table;
    }

    private static Table Outages(IReadOnlyList<ClientVerdict> clients)
    {
        var phases = clients.SelectMany(client => client.Outages).Select(outage => outage.Phase).Distinct().ToList();
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("stood still for");
        foreach (var phase in phases)
        {
            table.AddColumn(new TableColumn(phase).RightAligned());
        }

        foreach (var client in clients)
        {
            table.AddRow([client.Name, .. phases.Select(phase => Longest(client, phase))]);
        }

        return table;
    }

    private static string Longest(ClientVerdict client, string phase)
    {
        var longest = client.Outages.Where(outage => outage.Phase == phase).MaxBy(outage => outage.OutageMs);
        return longest switch
        {
            null => "-",
            { Recovered: false } => "never came back",
            _ => string.Create(CultureInfo.InvariantCulture, $"{longest.OutageMs / 1000:0.0} s"),
        };
    }
}
