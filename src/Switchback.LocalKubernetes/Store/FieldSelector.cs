using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

internal sealed record FieldRequirement(string Path, string Value, bool Negated);

/// <summary>Field requirements that must all hold. Each kind allows only the fields a real server indexes.</summary>
internal sealed record FieldSelector(IReadOnlyList<FieldRequirement> Requirements)
{
    private static readonly Dictionary<ResourceType, string[]> Selectable = new()
    {
        [ResourceTypes.Pod] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
            "status.nominatedNodeName",
        ],
        [ResourceTypes.Event] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        [ResourceTypes.Secret] = ["type"],
        [ResourceTypes.Namespace] = ["status.phase"],
        [ResourceTypes.Service] = ["spec.clusterIP", "spec.type"],
        [ResourceTypes.Node] = ["spec.unschedulable"],
        [ResourceTypes.ReplicaSet] = ["status.replicas"],
        [ResourceTypes.Job] = ["status.successful"],
    };

    public static FieldSelector Everything { get; } = new([]);

    /// <summary>Reads <c>metadata.name=x,status.phase!=Running</c>.</summary>
    /// <exception cref="StatusException">400 for a field the kind does not offer.</exception>
    public static FieldSelector Parse(ResourceType type, string? text)
    {
        var requirements = new List<FieldRequirement>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            if (equals <= 0)
            {
                throw StatusException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            }

            var negated = part[equals - 1] == '!';
            var path = part[..(negated ? equals - 1 : equals)].Trim();
            if (path != "metadata.name" && !(path == "metadata.namespace" && type.Namespaced) && Array.IndexOf(Selectable.GetValueOrDefault(type, []), path) < 0)
            {
                throw StatusException.BadRequest(
                    $"Unable to find \"{type.Group}/{type.Version}, Resource={type.Plural}\" that match label selector \"\", field selector \"{text}\": " +
                    $"field label not supported: {path}");
            }

            requirements.Add(new FieldRequirement(path, part[(equals + 1)..].TrimStart('=').Trim(), negated));
        }

        return new FieldSelector(requirements);
    }

    public bool Matches(JsonObject item) => Requirements.All(requirement => (Value(item, requirement.Path) == requirement.Value) != requirement.Negated);

    private static string Value(JsonObject item, string path)
    {
        if (path == "source")
        {
            return item.Text("source", "component") ?? item.Text("reportingComponent") ?? "";
        }

        var node = item.At(path.Split('.'));
        return node switch
        {
            null => path is "spec.hostNetwork" or "spec.unschedulable" ? "false" : "",
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            _ => node.ToJsonString(),
        };
    }
}
