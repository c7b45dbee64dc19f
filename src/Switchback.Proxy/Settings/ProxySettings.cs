using System.Net;
using Switchback.Proxy.Logging;

namespace Switchback.Proxy.Settings;

/// <summary>Everything a proxy is told at its start, read and validated as a whole by <see cref="Read"/>.</summary>
internal sealed class ProxySettings
{
    public required IReadOnlyList<ServerMapping> Bootstrap { get; init; }

    public required IReadOnlyDictionary<HostPort, HostPort> External { get; init; }

    public required IReadOnlyDictionary<HostPort, HostPort> DialInstead { get; init; }

    public required DynamicListenerSettings Dynamic { get; init; }

    public required SocketSettings ClientSockets { get; init; }

    public required SocketSettings BrokerSockets { get; init; }

    /// <summary>Null when clients connect without TLS.</summary>
    public required ListenerTlsSettings? ListenerTls { get; init; }

    /// <summary>Null when brokers are reached without TLS.</summary>
    public required BrokerTlsSettings? BrokerTls { get; init; }

    /// <summary>Null when the proxy does not authenticate.</summary>
    public required SaslSettings? Sasl { get; init; }

    public required RelaySettings Relay { get; init; }

    /// <summary>Null when there are no HTTP endpoints.</summary>
    public required HttpSettings? Http { get; init; }

    public required LogSettings Log { get; init; }

    public required TimeSpan QuietPeriod { get; init; }

    public required TimeSpan GracePeriod { get; init; }

    /// <summary>Flags that were given and have no effect, for one line in the log each.</summary>
    public required IReadOnlyList<string> WithoutEffect { get; init; }

    /// <summary>
    /// Reads the settings from flags (name without dashes, to its values in order; a bool without a value is <c>true</c>) and environment variables.
    /// Answers null and fills <paramref name="errors"/>, one line each, when anything is wrong.
    /// </summary>
    public static ProxySettings? Read(IReadOnlyDictionary<string, IReadOnlyList<string>> flags, Func<string, string?> environment, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(flags);
        ArgumentNullException.ThrowIfNull(environment);
        var found = new List<string>();
        errors = found;
        var values = new FlagValues(flags, environment, found);

        foreach (var flag in ProxyFlags.All.Where(flag => flag.Support == ProxyFlagSupport.Refused && Asks(values, flag)))
        {
            found.Add($"--{flag.Name}: {flag.Help}: not there in this proxy");
        }

        var settings = new ProxySettings
        {
            Bootstrap = ReadBootstrap(values),
            External = ReadPairs(values, "external-server-mapping", "EXTERNAL_SERVER_MAPPING"),
            DialInstead = ReadPairs(values, "dial-address-mapping", "DIAL_ADDRESS_MAPPING"),
            Dynamic = DynamicListenerSettings.Read(values),
            ClientSockets = SocketSettings.Read(values, "proxy-listener-keep-alive", "proxy-listener-read-buffer-size", "proxy-listener-write-buffer-size"),
            BrokerSockets = SocketSettings.Read(values, "kafka-keep-alive", "kafka-connection-read-buffer-size", "kafka-connection-write-buffer-size"),
            ListenerTls = ListenerTlsSettings.Read(values),
            BrokerTls = BrokerTlsSettings.Read(values),
            Sasl = SaslSettings.Read(values),
            Relay = RelaySettings.Read(values),
            Http = HttpSettings.Read(values),
            Log = LogSettings.Read(values),
            QuietPeriod = values.Duration("shutdown-quiet-period"),
            GracePeriod = values.Duration("shutdown-grace-period"),
            WithoutEffect = [.. ProxyFlags.All.Where(flag => flag.Support == ProxyFlagSupport.NoEffect && Asks(values, flag)).Select(flag => flag.Name)],
        };

        if (settings.BrokerTls is { SameClientCertificate: true } && settings.ListenerTls?.AuthoritiesFile is null)
        {
            found.Add("--tls-same-client-cert-enable: needs --proxy-listener-tls-enable and --proxy-listener-ca-chain-cert-file, so that clients show a certificate");
        }

        return found.Count == 0 ? settings : null;
    }

    private static bool Asks(FlagValues values, ProxyFlag flag) => values.IsGiven(flag.Name) && values.Text(flag.Name) != flag.Default;

    private static List<ServerMapping> ReadBootstrap(FlagValues values)
    {
        const string Flag = "bootstrap-server-mapping";
        var texts = values.Repeated(Flag, "BOOTSTRAP_SERVER_MAPPING");
        if (texts.Count == 0)
        {
            values.Errors.Add($"--{Flag}: at least one is needed, such as broker:9092,127.0.0.1:32400");
        }

        return ServerMapping.Distinct(Flag, [.. texts.Select(text => ServerMapping.Parse(Flag, text, values.Errors)).OfType<ServerMapping>()], values.Errors);
    }

    private static Dictionary<HostPort, HostPort> ReadPairs(FlagValues values, string flag, string variable)
    {
        var pairs = new Dictionary<HostPort, HostPort>();
        foreach (var text in values.Repeated(flag, variable))
        {
            if (ServerMapping.ParsePair(flag, text, values.Errors) is not var (from, to))
            {
                continue;
            }

            if (!pairs.TryAdd(from, to) && pairs[from] != to)
            {
                values.Errors.Add($"--{flag}: {from} is mapped to {pairs[from]} and to {to}");
            }
        }

        return pairs;
    }
}

/// <summary>Listeners for brokers that have no mapping.</summary>
/// <param name="Enabled">Whether they are opened at all.</param>
/// <param name="Listen">The address they listen on.</param>
/// <param name="AdvertisedHost">What clients are told, with <c>{{.brokerId}}</c> replaced; null: see <see cref="Listeners.AdvertisedName"/>.</param>
/// <param name="AdvertisedPort">The port clients are told; 0: the listener's own.</param>
/// <param name="Deterministic">The port is <paramref name="FirstPort"/> plus the broker's id modulo <paramref name="Ports"/>.</param>
/// <param name="FirstPort">0: the system chooses.</param>
/// <param name="Ports">How many ports from the first are used; 0: up to 65535.</param>
internal sealed record DynamicListenerSettings(bool Enabled, IPAddress Listen, string? AdvertisedHost, int AdvertisedPort, bool Deterministic, int FirstPort, int Ports)
{
    public static DynamicListenerSettings Read(FlagValues values)
    {
        if (!IPAddress.TryParse(values.Text("default-listener-ip"), out var listen))
        {
            values.Errors.Add($"--default-listener-ip: '{values.Text("default-listener-ip")}' is not an IP address");
            listen = IPAddress.Any;
        }

        var deterministic = values.Bool("deterministic-listeners");
        var first = values.Number("dynamic-sequential-min-port", 0, 65535);
        var ports = values.Number("dynamic-sequential-max-ports", 0, 65535);
        if (first == 0 && deterministic)
        {
            values.Errors.Add("--deterministic-listeners: needs --dynamic-sequential-min-port");
        }

        if (first == 0 && ports > 0)
        {
            values.Errors.Add("--dynamic-sequential-max-ports: needs --dynamic-sequential-min-port");
        }

        if (first + ports > 65536)
        {
            values.Errors.Add($"--dynamic-sequential-max-ports: {ports} ports from {first} go beyond 65535");
        }

        var (host, port) = ReadAdvertised(values);
        return new DynamicListenerSettings(!values.Bool("dynamic-listeners-disable"), listen, host, port, deterministic, first, ports);
    }

    private static (string? Host, int Port) ReadAdvertised(FlagValues values)
    {
        const string Flag = "dynamic-advertised-listener";
        var text = values.Text(Flag);
        if (text.Length == 0)
        {
            return (null, 0);
        }

        // Validated as it will look with an id in it.
        var example = text.Replace("{{.brokerId}}", "1", StringComparison.Ordinal).Replace("{{ .brokerId }}", "1", StringComparison.Ordinal);
        if (HostPort.TryParse(example, out var address) && address.Host.Length > 0)
        {
            return (text[..text.LastIndexOf(':')].Trim('[', ']'), address.Port);
        }

        if (HostPort.TryParse(example.Contains(':') ? $"[{example}]:1" : $"{example}:1", out address) && address.Host.Length > 0 && !example.Contains('{'))
        {
            return (text, 0);
        }

        values.Errors.Add($"--{Flag}: '{text}' is not host[:port], where {{{{.brokerId}}}} stands for the broker's id");
        return (null, 0);
    }
}
