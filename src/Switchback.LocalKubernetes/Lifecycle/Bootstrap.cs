using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Lifecycle;

/// <summary>What a cluster holds before anybody has done anything: the system's namespaces and the roles for users.</summary>
internal static class Bootstrap
{
    private static readonly string[] ReadVerbs = ["get", "list", "watch"];
    private static readonly string[] WriteVerbs = ["create", "delete", "deletecollection", "patch", "update"];

    private static readonly Dictionary<string, string[]> Editable = new()
    {
        [""] = ["configmaps", "endpoints", "events", "pods", "serviceaccounts", "services"],
        ["apps"] = ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"],
        ["batch"] = ["cronjobs", "jobs"],
        ["coordination.k8s.io"] = ["leases"],
        ["discovery.k8s.io"] = ["endpointslices"],
    };

    public static void Ensure(ObjectStore store, NamespaceContents contents)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Create(store, ResourceTypes.Namespace, name, []);
            contents.Ensure(name);
        }

        var view = Editable.Select(group => Rule(group.Key, ReadVerbs, group.Value)).Append(Rule("", ReadVerbs, "namespaces", "pods/log", "pods/status")).ToArray();
        JsonObject[] edit = [.. Copy(view), .. Editable.Select(group => Rule(group.Key, WriteVerbs, group.Value)), Rule("", [.. ReadVerbs, .. WriteVerbs], "secrets")];
        JsonObject[] admin = [.. Copy(edit), Rule("rbac.authorization.k8s.io", [.. ReadVerbs, .. WriteVerbs], "roles", "rolebindings")];
        Create(store, ResourceTypes.ClusterRole, "cluster-admin", new JsonObject
        {
            ["rules"] = new JsonArray(Rule("*", ["*"], "*"), new JsonObject { ["nonResourceURLs"] = new JsonArray("*"), ["verbs"] = new JsonArray("*") }),
        });
        Create(store, ResourceTypes.ClusterRole, "view", new JsonObject { ["rules"] = new JsonArray(view) });
        Create(store, ResourceTypes.ClusterRole, "edit", new JsonObject { ["rules"] = new JsonArray(edit) });
        Create(store, ResourceTypes.ClusterRole, "admin", new JsonObject { ["rules"] = new JsonArray(admin) });
        Create(store, ResourceTypes.ClusterRoleBinding, "cluster-admin", new JsonObject
        {
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "cluster-admin" },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "Group", ["apiGroup"] = "rbac.authorization.k8s.io", ["name"] = ApiUser.Masters }),
        });
    }

    private static void Create(ObjectStore store, ResourceType type, string name, JsonObject item)
    {
        if (store.Find(type, "", name) is null)
        {
            item["metadata"] = new JsonObject { ["name"] = name };
            store.Create(type, item);
        }
    }

    private static JsonObject Rule(string group, string[] verbs, params string[] resources) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray([.. resources.Select(resource => (JsonNode)resource)]),
        ["verbs"] = new JsonArray([.. verbs.Select(verb => (JsonNode)verb)]),
    };

    private static IEnumerable<JsonObject> Copy(JsonObject[] rules) => rules.Select(rule => (JsonObject)rule.DeepClone());
}
