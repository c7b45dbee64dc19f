using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Operations;

/// <summary>The counters of one broker.</summary>
internal sealed class BrokerMetrics
{
    private const int Versions = 32;
    private readonly long[]?[] _requests = new long[128][];
    private long _requestBytes;
    private long _responseBytes;
    private long _connections;
    private long _open;
    private long _errors;

    public long Connections => Interlocked.Read(ref _connections);

    public long Open => Interlocked.Read(ref _open);

    /// <summary>Connections that ended by an error of the upstream, of the protocol or of ours, not because their client was done.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public long RequestBytes => Interlocked.Read(ref _requestBytes);

    public long ResponseBytes => Interlocked.Read(ref _responseBytes);

    public void CountRequest(short apiKey, short version, int bytes)
    {
        Interlocked.Add(ref _requestBytes, bytes);
        if (apiKey >= 0 && apiKey < _requests.Length && version is >= 0 and < Versions)
        {
            var counts = Volatile.Read(ref _requests[apiKey]) ?? Interlocked.CompareExchange(ref _requests[apiKey], new long[Versions], null) ?? _requests[apiKey]!;
            Interlocked.Increment(ref counts[version]);
        }
    }

    public void CountResponseBytes(int bytes) => Interlocked.Add(ref _responseBytes, bytes);

    public void ConnectionOpened()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _open);
    }

    public void ConnectionFailed() => Interlocked.Increment(ref _errors);

    public void ConnectionClosed() => Interlocked.Decrement(ref _open);

    public IEnumerable<(int ApiKey, int Version, long Count)> Requests()
    {
        for (var key = 0; key < _requests.Length; key++)
        {
            for (var version = 0; version < Versions && _requests[key] is { } counts; version++)
            {
                if (Interlocked.Read(ref counts[version]) is > 0 and var count)
                {
                    yield return (key, version, count);
                }
            }
        }
    }
}

/// <summary>What <c>/metrics</c> shows, under the names that dashboards for grepplabs/kafka-proxy use.</summary>
internal sealed class ProxyMetrics
{
    private readonly ConcurrentDictionary<HostPort, BrokerMetrics> _brokers = new();

    public BrokerMetrics Of(HostPort broker) => _brokers.GetOrAdd(broker, static _ => new BrokerMetrics());

    /// <summary>The Prometheus text format, version 0.0.4.</summary>
    public string Render(bool ready)
    {
        var text = new StringBuilder(4096);
        var brokers = _brokers.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Select(pair => (Label: $"broker=\"{pair.Key}\"", Metrics: pair.Value)).ToList();
        Family(text, "proxy_connections_total", "counter", "Client connections, by broker", brokers.Select(broker => (broker.Label, broker.Metrics.Connections)));
        Family(text, "proxy_opened_connections", "gauge", "Client connections open now, by broker", brokers.Select(broker => (broker.Label, broker.Metrics.Open)));
        Family(text, "proxy_connection_errors_total", "counter", "Client connections that ended by an error, by broker", brokers.Select(broker => (broker.Label, broker.Metrics.Errors)));
        Family(text, "proxy_requests_bytes", "counter", "Bytes of requests, by broker", brokers.Select(broker => (broker.Label, broker.Metrics.RequestBytes)));
        Family(text, "proxy_responses_bytes", "counter", "Bytes of responses, by broker", brokers.Select(broker => (broker.Label, broker.Metrics.ResponseBytes)));
        Family(text, "proxy_requests_total", "counter", "Requests, by broker, API key and version", brokers.SelectMany(broker => broker.Metrics.Requests().Select(
            row => (string.Create(CultureInfo.InvariantCulture, $"api_key=\"{row.ApiKey}\",api_version=\"{row.Version}\",{broker.Label}"), row.Count))));
        Family(text, "proxy_local_auth_total", "counter", "Local authentications, by success and status; there are none, because there is no local authentication", []);
        Family(text, "proxy_ready", "gauge", "1 while a broker is reached and authenticated", [("", ready ? 1L : 0L)]);
        Family(text, "dotnet_gc_allocated_bytes_total", "counter", "Bytes allocated on the managed heap", [("", GC.GetTotalAllocatedBytes())]);
        Family(text, "process_resident_memory_bytes", "gauge", "Resident memory in bytes", [("", Environment.WorkingSet)]);
        return text.ToString();
    }

    private static void Family(StringBuilder text, string name, string type, string help, IEnumerable<(string Labels, long Value)> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");
        }
    }
}
