using System.Buffers;
using System.Globalization;

namespace Switchback.Proxy.Settings;

/// <summary>An address as users write it. The host may be a name, an IPv4 or an IPv6 address (in brackets when written with a port).</summary>
internal readonly record struct HostPort(string Host, int Port)
{
    private static readonly SearchValues<char> NotInHosts = SearchValues.Create(" \t\r\n,;/");

    public static bool TryParse(ReadOnlySpan<char> text, out HostPort address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
        {
            return false;
        }

        var host = text[..colon];
        if (host.StartsWith("[") && host.EndsWith("]"))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':'))
        {
            return false;
        }

        if (host.ContainsAny(NotInHosts))
        {
            return false;
        }

        address = new HostPort(host.ToString(), port);
        return true;
    }

    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
