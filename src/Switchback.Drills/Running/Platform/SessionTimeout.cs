using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>How long a group keeps a consumer that died, as the consumer's own configuration says: what a wait after a switch is explained by.</summary>
internal static class SessionTimeout
{
    private const string Key = "session.timeout.ms";

    /// <summary>Kafka's default since KIP-735.</summary>
    private const double Default = 45_000;

    public static double Of(ClientSpec client, IEnumerable<JsonObject> manifests)
    {
        foreach (var map in manifests.Where(manifest => manifest.Kind == "ConfigMap" && manifest.Namespace == client.Namespace && manifest.Name == client.Name + "-config"))
        {
            foreach (var line in map.Pairs("data").SelectMany(entry => entry.Value.Split('\n')))
            {
                var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
                if (parts[0] == Key && double.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
                {
                    return milliseconds;
                }
            }
        }

        return Default;
    }
}
