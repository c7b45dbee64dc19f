using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>What must hold in a pod's specification; in pods and in templates alike.</summary>
internal static class PodRules
{
    public static void Check(JsonObject spec, string path, List<StatusCause> causes)
    {
        var volumes = CheckVolumes(spec, path + ".volumes", causes);
        var names = new HashSet<string>();
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            var at = 0;
            foreach (var container in spec.Items(list))
            {
                CheckContainer(container, Causes.At($"{path}.{list}", at++), list == "initContainers", names, volumes, causes);
            }
        }

        if (spec.Number("terminationGracePeriodSeconds") < 0)
        {
            causes.Invalid(path + ".terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"], "must be greater than or equal to 0");
        }
    }

    private static HashSet<string> CheckVolumes(JsonObject spec, string path, List<StatusCause> causes)
    {
        var names = new HashSet<string>();
        var at = 0;
        foreach (var volume in spec.Items("volumes"))
        {
            var here = Causes.At(path, at++);
            var name = volume.Text("name") ?? "";
            if (name.Length > 0 && !Names.IsLabel(name))
            {
                causes.Invalid(here + ".name", name, Names.LabelMessage);
            }
            else if (!names.Add(name))
            {
                causes.Duplicate(here + ".name", name);
            }

            if (volume.Count > 2)
            {
                var second = volume.Select(field => field.Key).Where(field => field != "name").ElementAt(1);
                causes.Forbidden($"{here}.{second}", "may not specify more than 1 volume type");
            }

            if (volume.Object("configMap") is { } map && string.IsNullOrEmpty(map.Text("name")))
            {
                causes.Required(here + ".configMap.name");
            }

            if (volume.Object("secret") is { } secret && string.IsNullOrEmpty(secret.Text("secretName")))
            {
                causes.Required(here + ".secret.secretName");
            }
        }

        return names;
    }

    private static void CheckContainer(
        JsonObject container, string path, bool initial, HashSet<string> names, HashSet<string> volumes, List<StatusCause> causes)
    {
        var name = container.Text("name") ?? "";
        if (name.Length > 0 && !Names.IsLabel(name))
        {
            causes.Invalid(path + ".name", name, Names.LabelMessage);
        }
        else if (name.Length > 0 && !names.Add(name))
        {
            causes.Duplicate(path + ".name", name);
        }

        CheckMounts(container, path + ".volumeMounts", volumes, causes);
        CheckEnvironment(container, path + ".env", causes);
        CheckResources(container, path + ".resources", causes);
        var at = 0;
        foreach (var port in container.Items("ports"))
        {
            CheckPort(port["containerPort"], Causes.At(path + ".ports", at++) + ".containerPort", causes);
        }

        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(probe) is not { } found)
            {
                continue;
            }

            if (initial && container.Text("restartPolicy") != "Always")
            {
                causes.Forbidden($"{path}.{probe}", "may not be set for init containers without restartPolicy=Always");
            }

            CheckProbe(found, $"{path}.{probe}", probe != "readinessProbe", causes);
        }
    }

    private static void CheckMounts(JsonObject container, string path, HashSet<string> volumes, List<StatusCause> causes)
    {
        var paths = new HashSet<string>();
        var at = 0;
        foreach (var mount in container.Items("volumeMounts"))
        {
            var here = Causes.At(path, at++);
            var name = mount.Text("name") ?? "";
            if (name.Length > 0 && !volumes.Contains(name))
            {
                causes.NotFound(here + ".name", name);
            }

            if (mount.Text("mountPath") is { Length: > 0 } target && !paths.Add(target))
            {
                causes.Invalid(here + ".mountPath", target, "must be unique");
            }

            if (mount.Text("subPath") is { } sub && (sub.StartsWith('/') || sub.Split('/').Contains("..")))
            {
                causes.Invalid(here + ".subPath", sub, sub.StartsWith('/') ? "must be a relative path" : "must not contain '..'");
            }
        }
    }

    private static void CheckEnvironment(JsonObject container, string path, List<StatusCause> causes)
    {
        var at = 0;
        foreach (var variable in container.Items("env"))
        {
            var here = Causes.At(path, at++);
            if (variable.Text("name") is { Length: > 0 } name && name.Contains('=', StringComparison.Ordinal))
            {
                causes.Invalid(here + ".name", name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
            }

            if (variable.Object("valueFrom") is { } source)
            {
                if (variable.Text("value") is { Length: > 0 })
                {
                    causes.Invalid(here + ".valueFrom", "", "may not be specified when `value` is not empty");
                }

                if (source.Count != 1)
                {
                    causes.Invalid(
                        here + ".valueFrom", "", source.Count == 0 ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`" : "may not have more than one field specified at a time");
                }
            }
        }
    }

    private static void CheckResources(JsonObject container, string path, List<StatusCause> causes)
    {
        foreach (var (name, limit) in container.Object("resources", "limits") ?? [])
        {
            var request = container.At("resources", "requests", name);
            if (request is not null && Quantity.TryParse(limit!.ToString(), out var most) && Quantity.TryParse(request.ToString(), out var asked) && asked > most)
            {
                causes.Invalid(path + ".requests", request.ToString(), $"must be less than or equal to {name} limit of {limit}");
            }
        }
    }

    private static void CheckProbe(JsonObject probe, string path, bool successOnce, List<StatusCause> causes)
    {
        var handlers = probe.Select(field => field.Key).Where(field => field is "exec" or "httpGet" or "tcpSocket" or "grpc").ToList();
        if (handlers.Count == 0)
        {
            causes.Required(path, "must specify a handler type");
        }
        else if (handlers.Count > 1)
        {
            causes.Forbidden($"{path}.{handlers[1]}", "may not specify more than 1 handler type");
        }

        foreach (var field in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            if (probe.Number(field) < 0)
            {
                causes.Invalid($"{path}.{field}", probe[field], "must be greater than or equal to 0");
            }
        }

        if (successOnce && probe.Number("successThreshold") is { } threshold and not 1)
        {
            causes.Invalid(path + ".successThreshold", threshold, "must be 1");
        }

        foreach (var handler in handlers.Where(handler => probe.At(handler, "port") is JsonValue port && port.GetValueKind() == System.Text.Json.JsonValueKind.Number))
        {
            CheckPort(probe.At(handler, "port"), $"{path}.{handler}.port", causes);
        }
    }

    private static void CheckPort(JsonNode? port, string path, List<StatusCause> causes)
    {
        if (port?.AsNumber() is < 1 or > 65535)
        {
            causes.Invalid(path, port, "must be between 1 and 65535, inclusive");
        }
    }
}
