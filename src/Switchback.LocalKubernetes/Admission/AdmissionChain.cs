using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Defaults, then rules: those of the schema for every kind, then those of the kind.</summary>
internal sealed class AdmissionChain : IAdmission
{
    public void Admit(ObjectStore store, ResourceType type, JsonObject item, JsonObject? previous)
    {
        var schema = SchemaCatalogue.ForKind(type.ApiVersion, type.Kind);
        if (schema is null || IsStatusOnly(item, previous))
        {
            return;
        }

        SchemaRules.SetDefaults(schema, item);
        SetDefaults(store, type, item, previous);
        var causes = new List<StatusCause>();
        MetadataRules.Check(type, item, causes);
        SchemaRules.Check(schema, item, "", causes);
        Check(type, item, previous, causes);
        if (causes.Count > 0)
        {
            throw StatusException.Invalid(type, item.Name(), causes);
        }
    }

    /// <summary>Most writes are a node's or a controller's report of how things are: nothing there to complete or to refuse.</summary>
    private static bool IsStatusOnly(JsonObject item, JsonObject? previous) =>
        previous is not null && item.Select(field => field.Key).Union(previous.Select(field => field.Key)).Where(field => field != "status")
            .All(field => JsonNode.DeepEquals(item[field], previous[field]));

    private static void SetDefaults(ObjectStore store, ResourceType type, JsonObject item, JsonObject? previous)
    {
        switch (type.Kind)
        {
            case "Namespace":
                NamespaceAdmission.SetDefaults(item, previous);
                break;
            case "Pod":
                PodAdmission.SetDefaults(store, item, previous);
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet" or "Job":
                WorkloadAdmission.SetDefaults(type, item);
                break;
            case "CronJob":
                PodDefaults.Apply(item.Object("spec", "jobTemplate", "spec", "template", "spec"));
                break;
            case "Service":
                ServiceAdmission.SetDefaults(store, item, previous);
                break;
            case "Secret":
                SecretAdmission.SetDefaults(item);
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                RbacAdmission.SetDefaults(item);
                break;
            default:
                break;
        }
    }

    private static void Check(ResourceType type, JsonObject item, JsonObject? previous, List<StatusCause> causes)
    {
        switch (type.Kind)
        {
            case "Pod":
                PodAdmission.Check(item, previous, causes);
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet" or "Job":
                WorkloadAdmission.Check(type, item, previous, causes);
                break;
            case "Service":
                ServiceAdmission.Check(item, previous, causes);
                break;
            case "ConfigMap" or "Secret":
                SecretAdmission.Check(item, previous, causes);
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                RbacAdmission.Check(item, previous, causes);
                break;
            default:
                break;
        }
    }
}
