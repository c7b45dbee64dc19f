using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

internal static class RbacAdmission
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>An empty group means the one group there is: that is how manifests in the wild are written.</summary>
    public static void SetDefaults(JsonObject binding)
    {
        if (binding.Object("roleRef") is { } role && string.IsNullOrEmpty(role.Text("apiGroup")))
        {
            role["apiGroup"] = Group;
        }

        foreach (var subject in binding.Items("subjects").Where(subject => string.IsNullOrEmpty(subject.Text("apiGroup"))))
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                subject["apiGroup"] = Group;
            }
            else
            {
                subject.Remove("apiGroup");
            }
        }
    }

    public static void Check(JsonObject binding, JsonObject? previous, List<StatusCause> causes)
    {
        var kind = binding.Text("roleRef", "kind") ?? "";
        if (binding.Text("kind") == "ClusterRoleBinding" ? kind != "ClusterRole" : kind is not ("Role" or "ClusterRole"))
        {
            causes.Unsupported("roleRef.kind", kind, binding.Text("kind") == "ClusterRoleBinding" ? ["ClusterRole"] : ["Role", "ClusterRole"]);
        }

        if (previous is not null && !JsonNode.DeepEquals(previous["roleRef"], binding["roleRef"]))
        {
            causes.Invalid("roleRef", binding["roleRef"], "cannot change roleRef");
        }

        var at = 0;
        foreach (var subject in binding.Items("subjects"))
        {
            var path = Causes.At("subjects", at++);
            if (subject.Text("kind") is { } subjectKind and not ("ServiceAccount" or "User" or "Group"))
            {
                causes.Unsupported(path + ".kind", subjectKind, "Group", "ServiceAccount", "User");
            }
            else if (subject.Text("kind") == "ServiceAccount" && string.IsNullOrEmpty(subject.Text("namespace")))
            {
                causes.Required(path + ".namespace");
            }
        }
    }
}
