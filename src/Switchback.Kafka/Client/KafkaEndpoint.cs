using System.Globalization;

namespace Switchback.Kafka.Client;

/// <summary>Where a broker listens.</summary>
/// <param name="Host">Host name or address, without brackets.</param>
/// <param name="Port">Port, 1 to 65535.</param>
public readonly record struct KafkaEndpoint(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Reads <c>host:port</c> or <c>[v6 address]:port</c>.</summary>
    public static bool TryParse(string text, out KafkaEndpoint endpoint)
    {
        var trimmed = text.Trim();
        var colon = trimmed.LastIndexOf(':');
        endpoint = default;
        if (colon <= 0 || !int.TryParse(trimmed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return false;
        var host = trimmed[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':'))
            return false;
        endpoint = new KafkaEndpoint(host, port);
        return host.Length > 0;
    }

    /// <summary>Reads a comma-separated bootstrap list.</summary>
    /// <exception cref="FormatException">An element is not <c>host:port</c>, or there is none.</exception>
    public static IReadOnlyList<KafkaEndpoint> ParseList(string text)
    {
        var endpoints = new List<KafkaEndpoint>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            endpoints.Add(TryParse(part, out var endpoint) ? endpoint : throw new FormatException($"'{part}' is not host:port"));
        return endpoints.Count > 0 ? endpoints : throw new FormatException("no bootstrap server is named; expected host:port[,host:port..]");
    }
}
