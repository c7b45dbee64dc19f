using System.Text.Json;

namespace Switchback.Drills.Ledger;

/// <summary>
/// Reads one line of an application's output. A ledger event is a JSON object that begins with <c>{"event":</c>; every other line is the
/// application's own and is passed over.
/// </summary>
internal static class LedgerLine
{
    /// <summary>A longer line is not a ledger event: nothing in one is of any length but a topic, a key and an error.</summary>
    public const int MaxLength = 32 * 1024;

    private const int MaxIdLength = 256;
    private const string Prefix = "{\"event\":";

    /// <summary>The observation in a line, or null for ordinary output. A damaged event is an observation of kind <see cref="ObservationKind.Unreadable"/>.</summary>
    public static Observation? Parse(string line, string client, string pod, DrillClock clock)
    {
        if (!line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        if (line.Length > MaxLength)
        {
            return Unreadable(client, pod, clock, $"a ledger event of {line.Length} characters; at most {MaxLength} are read");
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            return Parse(document.RootElement, client, pod, clock);
        }
        catch (JsonException)
        {
            return Unreadable(client, pod, clock, "a ledger event that is not a whole JSON object");
        }
        catch (FormatException e)
        {
            return Unreadable(client, pod, clock, e.Message);
        }
    }

    private static Observation Parse(JsonElement line, string client, string pod, DrillClock clock)
    {
        var name = Text(line, "event");
        ObservationKind? kind = name switch
        {
            "sent" => ObservationKind.Sent,
            "acknowledged" => ObservationKind.Acknowledged,
            "failed" => ObservationKind.Failed,
            "delivered" => ObservationKind.Delivered,
            "rebalanced" => ObservationKind.Rebalanced,
            "committing" => ObservationKind.Committing,
            "committed" => ObservationKind.Committed,
            "aborted" => ObservationKind.Aborted,
            "offsetCommitted" => ObservationKind.OffsetCommitted,
            _ => null,
        };
        if (kind is null)
        {
            throw new FormatException("an event that is none of sent, acknowledged, failed, delivered, rebalanced, committing, committed, aborted, offsetCommitted");
        }

        var id = Text(line, "id");
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdLength)
        {
            throw new FormatException($"a ledger event '{name}' whose id is missing or longer than {MaxIdLength} characters");
        }

        if (!line.TryGetProperty("at", out var at) || at.ValueKind != JsonValueKind.Number || !at.TryGetDouble(out var unixMs) || !double.IsFinite(unixMs))
        {
            throw new FormatException($"a ledger event '{name}' without the time 'at' in unix milliseconds");
        }

        return new Observation(
            kind.Value, client, pod, id, Math.Round(clock.FromUnixMs(unixMs), 3), Text(line, "topic"), Text(line, "key"),
            (int?)Whole(line, "partition", int.MaxValue), Whole(line, "offset", long.MaxValue), Text(line, "error"), Text(line, "transaction"));
    }

    private static string? Text(JsonElement line, string name) =>
        !line.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FormatException($"a ledger event whose '{name}' is not a text");

    private static long? Whole(JsonElement line, string name, long max)
    {
        if (!line.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= -max && number <= max
            ? number
            : throw new FormatException($"a ledger event whose '{name}' is not a whole number");
    }

    private static Observation Unreadable(string client, string pod, DrillClock clock, string why) =>
        new(ObservationKind.Unreadable, client, pod, "", Math.Round(clock.NowMs, 3), Error: why);
}
