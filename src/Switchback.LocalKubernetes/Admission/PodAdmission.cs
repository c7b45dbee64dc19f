using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>What a pod gets at its creation, and what may be changed of it later.</summary>
internal static class PodAdmission
{
    private const string TokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The fields of a running pod's specification that may be written.</summary>
    private static readonly string[] Changeable = ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"];

    public static void SetDefaults(ObjectStore store, JsonObject pod, JsonObject? previous)
    {
        if (pod.Object("spec") is not { } spec)
        {
            return;
        }

        PodDefaults.Apply(spec);
        if (previous is not null)
        {
            return;
        }

        spec["priority"] ??= 0;
        spec["preemptionPolicy"] ??= "PreemptLowerPriority";
        AddTolerations(spec);
        AddServiceAccount(store, pod, spec);
        var status = pod.Ensure("status");
        status["phase"] ??= "Pending";
        status["qosClass"] = QosClass(spec);
    }

    public static void Check(JsonObject pod, JsonObject? previous, List<StatusCause> causes)
    {
        if (pod.Object("spec") is not { } spec)
        {
            return;
        }

        PodRules.Check(spec, "spec", causes);
        if (previous?.Object("spec") is { } before && !JsonNode.DeepEquals(Fixed(before), Fixed(spec)) && before.Text("nodeName") is { Length: > 0 })
        {
            causes.Forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` " +
                "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    private static JsonObject Fixed(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var field in Changeable)
        {
            copy.Remove(field);
        }

        foreach (var container in copy.Items("containers").Concat(copy.Items("initContainers")))
        {
            container.Remove("image");
        }

        return copy;
    }

    private static void AddTolerations(JsonObject spec)
    {
        var tolerations = spec["tolerations"] as JsonArray;
        if (tolerations is null)
        {
            spec["tolerations"] = tolerations = [];
        }

        foreach (var key in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            var wanted = key;
            if (!tolerations.OfType<JsonObject>().Any(one => one.Text("key") == wanted))
            {
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
            }
        }
    }

    private static void AddServiceAccount(ObjectStore store, JsonObject pod, JsonObject spec)
    {
        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : "default";
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
        var account = store.Find(ResourceTypes.ServiceAccount, pod.Namespace(), name);
        if (account is null && name != "default")
        {
            throw StatusException.Forbidden(
                ResourceTypes.Pod, pod.Name(), $"error looking up service account {pod.Namespace()}/{name}: serviceaccount \"{name}\" not found");
        }

        var mounts = spec.Flag("automountServiceAccountToken") ?? account?.Flag("automountServiceAccountToken") ?? true;
        if (account is null || !mounts)
        {
            return;
        }

        var containers = spec.Items("initContainers").Concat(spec.Items("containers"))
            .Where(container => !container.Items("volumeMounts").Any(mount => mount.Text("mountPath") == TokenPath)).ToList();
        if (containers.Count == 0)
        {
            return;
        }

        var volume = "kube-api-access-" + ObjectMetadata.RandomSuffix();
        ListOf(spec, "volumes").Add((JsonNode)TokenVolume(volume));
        foreach (var container in containers)
        {
            ListOf(container, "volumeMounts").Add((JsonNode)new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = TokenPath });
        }
    }

    private static JsonObject TokenVolume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = "kube-root-ca.crt",
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                        }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };

    private static JsonArray ListOf(JsonObject item, string field)
    {
        if (item[field] is not JsonArray list)
        {
            item[field] = list = [];
        }

        return list;
    }

    private static string QosClass(JsonObject spec)
    {
        var containers = spec.Items("containers").Concat(spec.Items("initContainers")).ToList();
        if (containers.TrueForAll(one => (one.Object("resources", "limits")?.Count ?? 0) == 0 && (one.Object("resources", "requests")?.Count ?? 0) == 0))
        {
            return "BestEffort";
        }

        return containers.TrueForAll(one => IsGuaranteed(one, "cpu") && IsGuaranteed(one, "memory")) ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(JsonObject container, string resource) =>
        container.At("resources", "limits", resource) is { } limit && JsonNode.DeepEquals(limit, container.At("resources", "requests", resource));
}
