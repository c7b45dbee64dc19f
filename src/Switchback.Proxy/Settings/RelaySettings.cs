namespace Switchback.Proxy.Settings;

/// <summary>Limits and rules of the connections themselves.</summary>
internal sealed record RelaySettings(
    string ClientId, int MaxInFlight, TimeSpan DialTimeout, TimeSpan ReadTimeout, TimeSpan WriteTimeout, int MaxFrame, IReadOnlySet<short> Forbidden, bool AcksZeroNeverUsed)
{
    public static RelaySettings Read(FlagValues values)
    {
        var forbidden = new HashSet<short>();
        foreach (var text in values.List("forbidden-api-keys"))
        {
            if (short.TryParse(text, out var key) && key >= 0)
            {
                forbidden.Add(key);
            }
            else
            {
                values.Errors.Add($"--forbidden-api-keys: '{text}' is not the number of a request type, such as 20 for DeleteTopics");
            }
        }

        return new RelaySettings(
            values.Text("kafka-client-id"),
            values.Number("kafka-max-open-requests", 1, 65536),
            values.Duration("kafka-dial-timeout"),
            values.Duration("kafka-read-timeout"),
            values.Duration("kafka-write-timeout"),
            values.Number("kafka-max-frame-size", 1024),
            forbidden,
            values.Bool("producer-acks-0-disabled"));
    }
}

/// <summary>The HTTP endpoints.</summary>
internal sealed record HttpSettings(HostPort Listen, string MetricsPath, string HealthPath, string ReadyPath)
{
    public static HttpSettings? Read(FlagValues values)
    {
        var settings = new HttpSettings(
            values.Address("http-listen-address"), values.Text("http-metrics-path"), values.Text("http-health-path"), values.Text("http-ready-path"));
        foreach (var (flag, path) in new[] { ("http-metrics-path", settings.MetricsPath), ("http-health-path", settings.HealthPath), ("http-ready-path", settings.ReadyPath) })
        {
            if (!path.StartsWith('/'))
            {
                values.Errors.Add($"--{flag}: '{path}' does not begin with /");
            }
        }

        return values.Bool("http-disable") ? null : settings;
    }
}
