using System.Globalization;
using System.Net;
using System.Text.Json;
using Switchback.Mirror.Configuration;

namespace Switchback.Mirror.Status;

/// <summary>Asks a running mirror and shows its links as a table.</summary>
public static class StatusTable
{
    private static readonly string[] Columns = ["LINK", "FROM", "TO", "STATE", "TOPICS", "PARTITIONS", "LAG", "BYTES", "MS", "COPIED", "REWRITTEN", "GAPS", "RESTARTS", "CONFLICTS"];

    /// <summary>Writes the table; answers what went wrong, or null.</summary>
    /// <param name="options">The running mirror's configuration.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<string?> WriteAsync(MirrorOptions options, TextWriter output, CancellationToken cancellation)
    {
        if (options.Listen is not { } endpoint)
            return "the configuration has no listen: ADDRESS:PORT, so a running mirror cannot be asked";
        var address = endpoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endpoint.Port) : endpoint;
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            await using var body = await http.GetStreamAsync(new Uri($"http://{address}/status"), cancellation).ConfigureAwait(false);
            var status = await JsonSerializer.DeserializeAsync(body, StatusJson.Default.MirrorStatus, cancellation).ConfigureAwait(false);
            await WriteAsync(status!, output).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException)
        {
            return $"no mirror answers at {address}: {e.Message}";
        }
    }

    private static async Task WriteAsync(MirrorStatus status, TextWriter output)
    {
        var rows = new List<string[]> { Columns };
        rows.AddRange(status.Links.Select(link => new[]
        {
            link.Name, link.Source, link.Target, link.State, Text(link.Topics), Text(link.Partitions), Text(link.LagRecords), Text(link.LagBytes), Text(link.LagMs),
            Text(link.RecordsCopied), Text(link.BatchesRewritten), Text(link.GapOffsets), Text(link.Restarts), Text(link.Conflicts.Count),
        }));
        foreach (var row in rows)
            await output.WriteLineAsync(string.Join("  ", row.Select((cell, i) => cell.PadRight(rows.Max(r => r[i].Length)))).TrimEnd()).ConfigureAwait(false);
        foreach (var link in status.Links)
        {
            if (link.Problem is not null)
                await output.WriteLineAsync($"{link.Name}: {link.Problem}").ConfigureAwait(false);
            foreach (var partition in link.PartitionDetails.Where(p => p.Problem is not null))
                await output.WriteLineAsync($"{link.Name}: {partition.State}: {partition.Problem}").ConfigureAwait(false);
            foreach (var gap in link.Gaps)
                await output.WriteLineAsync($"{link.Name}: gap: {gap.Partition} from {gap.FromOffset} to {gap.ToOffset - 1} was gone before it was copied").ConfigureAwait(false);
            foreach (var cut in link.Cuts)
                await output.WriteLineAsync($"{link.Name}: cut: {cut.Partition} {(cut.NewTopic ? "was deleted and created again" : "was cut back")}; the copies of {cut.FromOffset} to {cut.ToOffset - 1} stay").ConfigureAwait(false);
            foreach (var group in link.Conflicts)
                await output.WriteLineAsync($"{link.Name}: conflict: group {group} has members on both sides").ConfigureAwait(false);
        }
    }

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
