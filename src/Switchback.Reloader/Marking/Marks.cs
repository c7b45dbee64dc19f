using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Marking;

/// <summary>
/// The hashes a workload's pods are known to run with. Three places tell: our annotation on the workload (complete; written in the same patch as
/// the change of the template), the variables in its containers and the template's annotation (what stakater's controller leaves behind).
/// </summary>
internal sealed class Marks
{
    /// <summary>The mark of a resource that was not there.</summary>
    public const string Absent = "";

    private readonly Dictionary<ResourceRef, string> seen;
    private readonly IReadOnlyList<(string Container, string Name, string Value)> variables;
    private readonly (ResourceRef Resource, string Hash)? last;

    private Marks(Dictionary<ResourceRef, string> seen, IReadOnlyList<(string Container, string Name, string Value)> variables, (ResourceRef, string)? last)
    {
        this.seen = seen;
        this.variables = variables;
        this.last = last;
    }

    public IReadOnlyDictionary<ResourceRef, string> Seen => seen;

    /// <summary>What stakater's strategies left in the template for this resource, or null.</summary>
    public string? InTemplate(ResourceRef resource)
    {
        var name = EnvironmentVariable.NameOf(resource);
        if (variables.FirstOrDefault(variable => variable.Name == name).Value is { } hash)
        {
            return hash;
        }

        return last is { } source && source.Resource == resource ? source.Hash : null;
    }

    /// <summary>Whether a container has this variable.</summary>
    public bool HasVariable(string container, string name) => variables.Any(variable => variable.Container == container && variable.Name == name);

    public static Marks Read(JsonObject workload, JsonObject? template)
    {
        var variables = new List<(string, string, string)>();
        foreach (var container in template?.Items("spec", "containers") ?? [])
        {
            foreach (var variable in container.Items("env"))
            {
                if (variable.Text("name") is { } name && name.StartsWith("STAKATER_", StringComparison.Ordinal) && variable.Text("value") is { } value)
                {
                    variables.Add((container.Text("name") ?? "", name, value));
                }
            }
        }

        return new Marks(Parse(workload.Annotation(AnnotationKeys.Seen)), variables, ReloadSource.Read(template?.Annotation(AnnotationKeys.LastReloadedFrom)));
    }

    /// <summary>The annotation's value, sorted so that equal marks are equal text.</summary>
    public static string Write(IReadOnlyDictionary<ResourceRef, string> marks)
    {
        var sorted = new JsonObject();
        foreach (var (resource, hash) in marks.OrderBy(mark => mark.Key.ToString(), StringComparer.Ordinal))
        {
            sorted[resource.ToString()] = hash;
        }

        return sorted.ToJsonString();
    }

    private static Dictionary<ResourceRef, string> Parse(string? annotation)
    {
        var marks = new Dictionary<ResourceRef, string>();
        try
        {
            foreach (var (key, value) in (annotation is null ? null : JsonNode.Parse(annotation) as JsonObject) ?? [])
            {
                if (ResourceRef.Parse(key) is { } resource && value is JsonValue text && text.TryGetValue<string>(out var hash))
                {
                    marks[resource] = hash;
                }
            }
        }
        catch (JsonException)
        {
            // Someone else wrote into it: as if there were none, which rolls nothing and writes it anew.
            marks.Clear();
        }

        return marks;
    }
}
