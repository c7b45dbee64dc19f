using System.Globalization;

namespace ChuckClient;

/// <summary>Keys that depend on each other or on the role: acknowledgements, time limits, sizes of a poll.</summary>
internal static class DeliveryRules
{
    public static readonly IReadOnlySet<string> Keys = new HashSet<string>(StringComparer.Ordinal)
    {
        "acks", "request.timeout.ms", "max.poll.records", "transactional.id", "group.protocol", "group.remote.assignor",
    };

    public static void Apply(GivenProperties given, ClientRole role, Dictionary<string, string> settings, List<string> notices)
    {
        if (given["request.timeout.ms"] is { } request && given.Number(request) is { } timeout)
        {
            settings["socket.timeout.ms"] = timeout.ToString(CultureInfo.InvariantCulture);
            if (role == ClientRole.Producer)
            {
                settings["request.timeout.ms"] = timeout.ToString(CultureInfo.InvariantCulture);
            }
        }

        if (role == ClientRole.Producer)
        {
            ApplyAcks(given, settings, notices);
            if (given["transactional.id"] is { } transactional)
            {
                given.Refuse(transactional, "this producer sends no transactions; leave it out");
            }
        }
        else
        {
            ApplyGroup(given, settings);
        }
    }

    private static void ApplyAcks(GivenProperties given, Dictionary<string, string> settings, List<string> notices)
    {
        if (given["acks"] is { } acks)
        {
            var value = acks.Value.Trim().ToLowerInvariant();
            if (value is not ("all" or "-1" or "0" or "1"))
            {
                given.Refuse(acks, $"must be all, -1, 0 or 1, not '{acks.Value}'");
                return;
            }

            settings["acks"] = value == "-1" ? "all" : value;
        }

        // As in Java: idempotence that was asked for contradicts weaker acks; idempotence by default gives way to them.
        if (settings["acks"] != "all" && settings["enable.idempotence"] == "true")
        {
            if (given["enable.idempotence"] is { } asked)
            {
                given.Refuse(asked, "idempotence needs acks=all");
                return;
            }

            settings["enable.idempotence"] = "false";
            notices.Add($"acks={settings["acks"]}: idempotence is off, records can be lost or repeated");
        }

        if (settings["enable.idempotence"] == "true" && given["max.in.flight.requests.per.connection"] is { } inFlight && given.Number(inFlight) > 5)
        {
            given.Refuse(inFlight, "idempotence allows 5 at most");
        }
    }

    private static void ApplyGroup(GivenProperties given, Dictionary<string, string> settings)
    {
        if (given["max.poll.records"] is { } records && given.Number(records) == 0)
        {
            given.Refuse(records, "must be at least 1");
        }

        if (given["group.protocol"] is { } protocol && !protocol.Value.Trim().Equals("classic", StringComparison.OrdinalIgnoreCase))
        {
            given.Refuse(protocol, "must be classic: the newer group protocol needs a newer librdkafka than every machine has");
        }

        var session = Milliseconds("session.timeout.ms", 45_000);
        var heartbeat = Milliseconds("heartbeat.interval.ms", 3_000);
        if (heartbeat >= session && (given["heartbeat.interval.ms"] ?? given["session.timeout.ms"]) is { } wrong)
        {
            given.Refuse(wrong, $"heartbeat.interval.ms ({heartbeat}) must be less than session.timeout.ms ({session}), a third of it as a rule");
        }

        int Milliseconds(string key, int otherwise) =>
            settings.TryGetValue(key, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
    }
}
