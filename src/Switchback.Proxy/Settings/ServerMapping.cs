namespace Switchback.Proxy.Settings;

/// <summary>One <c>bootstrap-server-mapping</c>: where brokers are, where clients connect, and what clients are told.</summary>
/// <param name="Remotes">The bootstrap servers, tried in turn; the first is the one that this mapping stands for.</param>
/// <param name="Listen">Where the proxy listens.</param>
/// <param name="Advertised">What clients are told in place of the remote addresses.</param>
internal sealed record ServerMapping(IReadOnlyList<HostPort> Remotes, HostPort Listen, HostPort Advertised)
{
    public static ServerMapping? Parse(string flag, string text, List<string> errors)
    {
        var parts = text.Split(',');
        if (parts.Length is not (2 or 3))
        {
            errors.Add($"--{flag}: '{text}' is not of the form remote:port,listen:port[,advertised:port]");
            return null;
        }

        var before = errors.Count;
        var remotes = parts[0].Split(';').Select(part => Address(flag, text, part, "remote", errors)).ToList();
        var listen = Address(flag, text, parts[1], "listen", errors, hostMayBeEmpty: true, portMayBeZero: true);
        var advertised = parts.Length == 3 ? Address(flag, text, parts[2], "advertised", errors) : listen;
        return errors.Count == before ? new ServerMapping(remotes, listen, advertised) : null;
    }

    public static (HostPort From, HostPort To)? ParsePair(string flag, string text, List<string> errors)
    {
        var parts = text.Split(',');
        if (parts.Length != 2)
        {
            errors.Add($"--{flag}: '{text}' is not of the form host:port,host:port");
            return null;
        }

        var before = errors.Count;
        var pair = (Address(flag, text, parts[0], "first", errors), Address(flag, text, parts[1], "second", errors));
        return errors.Count == before ? pair : null;
    }

    /// <summary>Identical mappings given twice are one; two that contradict each other are an error.</summary>
    public static List<ServerMapping> Distinct(string flag, List<ServerMapping> mappings, List<string> errors)
    {
        var distinct = new List<ServerMapping>();
        foreach (var mapping in mappings)
        {
            var same = distinct.Find(other => other.Remotes[0] == mapping.Remotes[0]);
            var sharesListener = distinct.Find(other => other.Listen == mapping.Listen && other.Listen.Port != 0);
            if (same is null && sharesListener is null)
            {
                distinct.Add(mapping);
            }
            else if (same is not null && (same.Listen != mapping.Listen || same.Advertised != mapping.Advertised))
            {
                errors.Add($"--{flag}: {mapping.Remotes[0]} is mapped to {same.Listen} (advertised {same.Advertised}) and to {mapping.Listen} (advertised {mapping.Advertised})");
            }
            else if (same is null && sharesListener is not null)
            {
                errors.Add($"--{flag}: {sharesListener.Remotes[0]} and {mapping.Remotes[0]} both listen on {mapping.Listen}");
            }
        }

        return distinct;
    }

    private static HostPort Address(string flag, string text, string part, string what, List<string> errors, bool hostMayBeEmpty = false, bool portMayBeZero = false)
    {
        if (HostPort.TryParse(part.Trim(), out var address) && (hostMayBeEmpty || address.Host.Length > 0) && (portMayBeZero || address.Port > 0))
        {
            return address;
        }

        errors.Add($"--{flag}: '{part}' in '{text}' is not a {what} address host:port with a port from {(portMayBeZero ? 0 : 1)} to 65535");
        return default;
    }
}
