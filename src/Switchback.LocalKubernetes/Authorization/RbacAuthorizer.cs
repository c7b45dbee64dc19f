using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Authorization;

/// <summary>Decides by Roles, ClusterRoles and their bindings: what none of them allows is forbidden.</summary>
internal sealed class RbacAuthorizer(ObjectStore store)
{
    /// <summary>Paths every authenticated client may read: discovery.</summary>
    private static readonly string[] Discovery = ["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"];

    public bool Allows(ApiUser user, AccessRequest request)
    {
        if (user.Groups.Contains(ApiUser.Masters))
        {
            return true;
        }

        if (request.Path is { } path && request.Verb == "get" && Discovery.Any(known => path == known || path.StartsWith(known + "/", StringComparison.Ordinal)))
        {
            return true;
        }

        if (request is { Group: "authorization.k8s.io", Verb: "create", Resource: "selfsubjectaccessreviews" })
        {
            return true;
        }

        return store.List(ResourceTypes.ClusterRoleBinding).Any(binding => Grants(binding, user, request, "")) ||
            (request.Namespace.Length > 0 && store.List(ResourceTypes.RoleBinding, request.Namespace).Any(binding => Grants(binding, user, request, request.Namespace)));
    }

    private bool Grants(JsonObject binding, ApiUser user, AccessRequest request, string ns) =>
        binding.Items("subjects").Any(subject => Names(subject, user)) && Rules(binding, ns).Any(rule => Covers(rule, request));

    private IEnumerable<JsonObject> Rules(JsonObject binding, string ns)
    {
        var name = binding.Text("roleRef", "name") ?? "";
        var role = binding.Text("roleRef", "kind") == "ClusterRole"
            ? store.Find(ResourceTypes.ClusterRole, "", name)
            : store.Find(ResourceTypes.Role, ns, name);
        return role?.Items("rules") ?? [];
    }

    private static bool Names(JsonObject subject, ApiUser user)
    {
        var name = subject.Text("name") ?? "";
        return subject.Text("kind") switch
        {
            "ServiceAccount" => user.Name == $"{ApiUser.ServiceAccountPrefix}{subject.Text("namespace")}:{name}",
            "User" => user.Name == name,
            "Group" => user.Groups.Contains(name),
            _ => false,
        };
    }

    private static bool Covers(JsonObject rule, AccessRequest request)
    {
        if (!Has(rule, "verbs", request.Verb))
        {
            return false;
        }

        if (request.Path is { } path)
        {
            return Texts(rule, "nonResourceURLs").Any(url => url == path || (url.EndsWith('*') && path.StartsWith(url[..^1], StringComparison.Ordinal)));
        }

        var slash = request.Resource.IndexOf('/');
        return Has(rule, "apiGroups", request.Group) &&
            Texts(rule, "resources").Any(resource =>
                resource == "*" || resource == request.Resource || (slash > 0 && resource.StartsWith("*/", StringComparison.Ordinal) && resource[1..] == request.Resource[slash..])) &&
            (!Texts(rule, "resourceNames").Any() || Texts(rule, "resourceNames").Contains(request.Name));
    }

    private static bool Has(JsonObject rule, string field, string value) => Texts(rule, field).Any(entry => entry == "*" || entry == value);

    private static IEnumerable<string> Texts(JsonObject rule, string field) => (rule[field] as JsonArray)?.Select(entry => entry?.GetValue<string>() ?? "") ?? [];
}
