namespace Switchback.Drills.Ledger;

/// <summary>What the proxy of one pod said of itself at one moment, by its metrics, summed over its brokers.</summary>
/// <param name="Client">The application whose sidecar it is.</param>
/// <param name="Pod">The pod.</param>
/// <param name="AtMs">When, in milliseconds since the drill began.</param>
/// <param name="Ready">Whether it reaches a broker that takes its credentials.</param>
/// <param name="Open">Client connections open then.</param>
/// <param name="Connections">Client connections so far.</param>
/// <param name="Errors">Those that ended by an error.</param>
/// <param name="Requests">Requests so far.</param>
/// <param name="RequestBytes">Their bytes.</param>
/// <param name="ResponseBytes">The bytes of responses so far.</param>
internal sealed record ProxySample(
    string Client, string Pod, double AtMs, bool Ready, long Open, long Connections, long Errors, long Requests, long RequestBytes, long ResponseBytes)
{
    /// <summary>Reads the Prometheus text that a proxy answers; null where it is no proxy's.</summary>
    public static ProxySample? Parse(string metrics, string client, string pod, double atMs)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in metrics.Split('\n'))
        {
            var end = line.IndexOfAny(['{', ' ']);
            if (end > 0 && line[0] != '#' && double.TryParse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture, out var value))
            {
                sums[line[..end]] = sums.GetValueOrDefault(line[..end]) + (long)value;
            }
        }

        long Sum(string name) => sums.GetValueOrDefault(name);
        return !sums.ContainsKey("proxy_ready") ? null : new ProxySample(
            client, pod, Math.Round(atMs, 1), Sum("proxy_ready") > 0, Sum("proxy_opened_connections"), Sum("proxy_connections_total"), Sum("proxy_connection_errors_total"),
            Sum("proxy_requests_total"), Sum("proxy_requests_bytes"), Sum("proxy_responses_bytes"));
    }
}
