using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>
/// Resolves a container's variables in Kubernetes' order: the image's, those of the platform, <c>envFrom</c>, then <c>env</c>, where a value may
/// refer to what stands before it.
/// </summary>
internal static class ContainerEnvironment
{
    /// <summary>Resolves them all.</summary>
    /// <param name="pod">The pod, with its addresses in the status.</param>
    /// <param name="container">The container's specification.</param>
    /// <param name="initial">Variables of the image and of the platform.</param>
    /// <param name="references">ConfigMaps and Secrets.</param>
    /// <exception cref="ContainerConfigException">Something that is not optional is missing.</exception>
    public static Dictionary<string, string> Resolve(
        JsonObject pod, JsonObject container, IReadOnlyDictionary<string, string> initial, ConfigReferences references)
    {
        var variables = new Dictionary<string, string>(initial);
        foreach (var source in container.Items("envFrom"))
        {
            AddAll(variables, source, references, pod.Namespace());
        }

        foreach (var variable in container.Items("env"))
        {
            var name = variable.Text("name") ?? "";
            if (variable.Object("valueFrom") is { } from)
            {
                if (Value(pod, container, from, references) is { } value)
                {
                    variables[name] = value;
                }
            }
            else
            {
                variables[name] = VariableExpansion.Expand(variable.Text("value") ?? "", variables);
            }
        }

        return variables;
    }

    private static void AddAll(Dictionary<string, string> variables, JsonObject source, ConfigReferences references, string ns)
    {
        var prefix = source.Text("prefix") ?? "";
        var (reference, kind) = source.Object("configMapRef") is { } map ? (map, "configmap") : (source.Object("secretRef"), "secret");
        if (reference?.Text("name") is not { } name)
        {
            return;
        }

        var entries = kind == "configmap" ? references.ConfigMap(name) : references.Secret(name);
        if (entries is null)
        {
            if (reference.Flag("optional") == true)
            {
                return;
            }

            throw new ContainerConfigException($"{kind} \"{name}\" not found");
        }

        foreach (var (key, value) in entries)
        {
            variables[prefix + key] = Encoding.UTF8.GetString(value);
        }
    }

    private static string? Value(JsonObject pod, JsonObject container, JsonObject from, ConfigReferences references)
    {
        if (from.Object("configMapKeyRef") is { } map)
        {
            return Entry(references.ConfigMap(map.Text("name") ?? ""), map, "configmap", "ConfigMap", pod.Namespace());
        }

        if (from.Object("secretKeyRef") is { } secret)
        {
            return Entry(references.Secret(secret.Text("name") ?? ""), secret, "secret", "Secret", pod.Namespace());
        }

        if (from.Object("fieldRef") is { } field)
        {
            return DownwardFields.Field(pod, field.Text("fieldPath") ?? "");
        }

        if (from.Object("resourceFieldRef") is { } resource)
        {
            return DownwardFields.Resource(pod, resource, container.Text("name"));
        }

        throw new ContainerConfigException("valueFrom has no source");
    }

    private static string? Entry(IReadOnlyDictionary<string, byte[]>? entries, JsonObject reference, string kind, string title, string ns)
    {
        var key = reference.Text("key") ?? "";
        if (entries?.TryGetValue(key, out var value) == true)
        {
            return Encoding.UTF8.GetString(value);
        }

        if (reference.Flag("optional") == true)
        {
            return null;
        }

        throw new ContainerConfigException(entries is null
            ? $"{kind} \"{reference.Text("name")}\" not found"
            : $"couldn't find key {key} in {title} {ns}/{reference.Text("name")}");
    }
}
