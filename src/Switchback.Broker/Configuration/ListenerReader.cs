namespace Switchback.Broker.Configuration;

/// <summary>Reads the listeners: where they bind, what clients are told, what is spoken on them, who may come in.</summary>
internal sealed class ListenerReader(IReadOnlyDictionary<string, string> values, Action<string, string> complain)
{
    public const string DefaultName = "CLIENTS";

    public IReadOnlyList<ListenerSettings> Read(IReadOnlyList<string> commandLine)
    {
        var (key, entries) = commandLine.Count > 0 ? ("--listen", commandLine) : ("listeners", Split(values.GetValueOrDefault("listeners")));
        if (commandLine.Count > 0 && values.ContainsKey("listeners"))
            complain("listeners", "clashes with --listen on the command line; give one of the two");
        if (entries.Count == 0)
            complain(key, "at least one listener is needed: --listen HOST:PORT, once for each broker");
        var protocols = ReadProtocols();
        var advertised = Split(values.GetValueOrDefault("advertised.listeners"));
        if (advertised.Count > 0 && advertised.Count != entries.Count)
            complain("advertised.listeners", $"must have as many entries as there are listeners: {entries.Count}, not {advertised.Count}");
        var listeners = new List<ListenerSettings>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (ReadListener(key, entries[i], i < advertised.Count ? advertised[i] : null, protocols) is { } listener)
                listeners.Add(listener);
        }

        FindClashes(key, listeners);
        return listeners;
    }

    private static List<string> Split(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private Dictionary<string, SecurityProtocol> ReadProtocols()
    {
        var protocols = new Dictionary<string, SecurityProtocol>(StringComparer.OrdinalIgnoreCase)
        {
            ["PLAINTEXT"] = SecurityProtocol.Plaintext,
            ["SSL"] = SecurityProtocol.Ssl,
            ["SASL_PLAINTEXT"] = SecurityProtocol.SaslPlaintext,
            ["SASL_SSL"] = SecurityProtocol.SaslSsl,
            [DefaultName] = SecurityProtocol.Plaintext,
        };
        foreach (var entry in Split(values.GetValueOrDefault("listener.security.protocol.map")))
        {
            var parts = entry.Split(':');
            if (parts.Length == 2 && parts[1] is "PLAINTEXT" or "SSL" or "SASL_PLAINTEXT" or "SASL_SSL")
                protocols[parts[0]] = protocols[parts[1]];
            else
                complain("listener.security.protocol.map", $"'{entry}' must be NAME:PROTOCOL, with PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
        }

        return protocols;
    }

    private ListenerSettings? ReadListener(string key, string entry, string? advertised, Dictionary<string, SecurityProtocol> protocols)
    {
        var (name, host, port) = Address(key, entry, allowAnyPort: true);
        if (host is null)
            return null;
        if (!protocols.TryGetValue(name, out var protocol))
        {
            complain(key, $"listener '{name}' has no protocol; add {name}:SASL_SSL (or another) to listener.security.protocol.map");
            return null;
        }

        var (_, advertisedHost, advertisedPort) = advertised is null ? (name, null, 0) : Address("advertised.listeners", advertised, allowAnyPort: false);
        if (advertised is null && host is "0.0.0.0" or "::" or "*")
            complain("advertised.listeners", $"is needed with {entry}: clients cannot be told the address {host}");
        var listener = new ListenerSettings(name, host == "*" ? "0.0.0.0" : host, port, advertisedHost, advertisedPort, protocol);
        return new ListenerSecurityReader(name, values, complain).AddTo(listener);
    }

    private (string Name, string? Host, int Port) Address(string key, string entry, bool allowAnyPort)
    {
        var scheme = entry.IndexOf("://", StringComparison.Ordinal);
        var name = scheme > 0 ? entry[..scheme] : DefaultName;
        var address = scheme >= 0 ? entry[(scheme + 3)..] : entry;
        var colon = address.LastIndexOf(':');
        var host = colon > 0 ? address[..colon].Trim('[', ']') : address is [':', ..] ? "0.0.0.0" : "";
        if (colon >= 0 && host.Length > 0 && int.TryParse(address.AsSpan(colon + 1), out var port) && port <= 65535 && (port > 0 || (port == 0 && allowAnyPort)))
            return (name, host, port);
        complain(key, $"'{entry}' must be [NAME://]HOST:PORT");
        return (name, null, 0);
    }

    private void FindClashes(string key, List<ListenerSettings> listeners)
    {
        foreach (var clash in listeners.Where(l => l.Port != 0).GroupBy(l => (l.Host, l.Port)).Where(g => g.Count() > 1))
            complain(key, $"{clash.Key.Host}:{clash.Key.Port} is given {clash.Count()} times; each broker needs a port of its own");
    }
}
