using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Tables;

internal static class EventTable
{
    public static PrintedTable Create(TableColumn name) => new(
    [
        new TableColumn("Last Seen", (item, now) => Ago(LastSeen(item), now)),
        PrintedTables.Text("Type", item => item.Text("type")),
        PrintedTables.Text("Reason", item => item.Text("reason")),
        PrintedTables.Text("Object", item => $"{item.Text("involvedObject", "kind")?.ToLowerInvariant()}/{item.Text("involvedObject", "name")}"),
        PrintedTables.Text("Subobject", item => item.Text("involvedObject", "fieldPath")) with { Wide = true },
        PrintedTables.Text("Source", Source) with { Wide = true },
        PrintedTables.Text("Message", item => item.Text("message")?.Trim()),
        new TableColumn("First Seen", (item, now) => Ago(item.Time("firstTimestamp") ?? item.Time("eventTime"), now)) { Wide = true },
        PrintedTables.Count("Count", item => item.Number("series", "count") ?? item.Number("count") ?? 1) with { Wide = true },
        name with { Wide = true },
    ]);

    private static DateTimeOffset? LastSeen(JsonObject item) => item.Time("series", "lastObservedTime") ?? item.Time("lastTimestamp") ?? item.Time("eventTime");

    private static string Ago(DateTimeOffset? time, DateTimeOffset now) => time is { } then ? Durations.Human(now - then) : "<unknown>";

    private static string Source(JsonObject item)
    {
        var component = item.Text("source", "component") ?? item.Text("reportingComponent") ?? "";
        return item.Text("source", "host") is { Length: > 0 } host ? $"{component}, {host}" : component;
    }
}
