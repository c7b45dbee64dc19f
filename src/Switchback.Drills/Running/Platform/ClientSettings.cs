using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>What a consumer's own configuration says, in the ConfigMap that bears its name: what its waits are explained by, and what it may be delivered.</summary>
internal sealed class ClientSettings(ClientSpec client, IEnumerable<JsonObject> manifests)
{
    /// <summary>Kafka's default since KIP-735.</summary>
    private const double DefaultSessionMs = 45_000;

    private readonly Dictionary<string, string> properties = manifests
        .Where(manifest => manifest.Kind == "ConfigMap" && manifest.Namespace == client.Namespace && manifest.Name == client.Name + "-config")
        .SelectMany(map => map.Pairs("data")).SelectMany(entry => entry.Value.Split('\n')).Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
        .Where(parts => parts.Length == 2).GroupBy(parts => parts[0]).ToDictionary(setting => setting.Key, setting => setting.Last()[1], StringComparer.Ordinal);

    /// <summary>How long a group keeps a consumer that died.</summary>
    public double SessionTimeoutMs =>
        double.TryParse(properties.GetValueOrDefault("session.timeout.ms"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : DefaultSessionMs;

    /// <summary>Whether it asks for the records of open and aborted transactions; Java's default, where read_committed is librdkafka's.</summary>
    public bool ReadsUncommitted => properties.GetValueOrDefault("isolation.level") == "read_uncommitted";
}
