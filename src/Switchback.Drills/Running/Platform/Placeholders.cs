using System.Text.Json.Nodes;
using Switchback.Drills.Running.Clusters;

namespace Switchback.Drills.Running.Platform;

/// <summary>
/// Fills in what a user fills in by hand before applying a manifest: <c>NORTH_BOOTSTRAP_SERVERS</c>, <c>NORTH_API_KEY</c>, <c>NORTH_API_SECRET</c> and
/// <c>NORTH_CA_PEM</c>, for each cluster under its name. In texts of parsed manifests, so that a certificate's lines need no indentation.
/// </summary>
internal sealed class Placeholders
{
    private readonly List<(string Name, string Value)> values = [];

    public Placeholders(IEnumerable<DrillCluster> clusters)
    {
        foreach (var cluster in clusters)
        {
            var name = cluster.Name.ToUpperInvariant();
            // One host and port, as Confluent Cloud hands out: a client learns the other brokers from it.
            values.Add(($"{name}_BOOTSTRAP_SERVERS", cluster.BootstrapServers[0]));
            values.Add(($"{name}_API_KEY", cluster.ApiKey));
            values.Add(($"{name}_API_SECRET", cluster.ApiSecret));
            values.Add(($"{name}_CA_PEM", cluster.AuthorityPem));
        }
    }

    public JsonObject Fill(JsonObject manifest) => (JsonObject)Fill((JsonNode)manifest)!;

    private JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Fill(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Fill)]),
        JsonValue value when value.TryGetValue<string>(out var text) => values.Aggregate(text, (filled, placeholder) => filled.Replace(placeholder.Name, placeholder.Value, StringComparison.Ordinal)),
        _ => node?.DeepClone(),
    };
}
