using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Names, labels and annotations of every kind.</summary>
internal static class MetadataRules
{
    private const int MostAnnotationBytes = 256 << 10;

    public static void Check(ResourceType type, JsonObject item, List<StatusCause> causes)
    {
        var name = item.Name();
        if (name.Length == 0)
        {
            causes.Required("metadata.name", "name or generateName is required");
        }
        else if (Complaint(type, name) is { } why)
        {
            causes.Invalid("metadata.name", name, why);
        }

        CheckLabels(item.Object("metadata", "labels"), "metadata.labels", causes);
        CheckAnnotations(item.Object("metadata", "annotations"), causes);
    }

    public static void CheckLabels(JsonObject? labels, string path, List<StatusCause> causes)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (!Names.IsQualified(key))
            {
                causes.Invalid(path, key, Names.QualifiedMessage);
            }

            if (value is not null && !Names.IsLabelValue(value.GetValue<string>()))
            {
                causes.Invalid(path, value, Names.LabelValueMessage);
            }
        }
    }

    private static void CheckAnnotations(JsonObject? annotations, List<StatusCause> causes)
    {
        long size = 0;
        foreach (var (key, value) in annotations ?? [])
        {
            if (!Names.IsQualified(key.ToLowerInvariant()))
            {
                causes.Invalid("metadata.annotations", key, Names.QualifiedMessage);
            }

            size += key.Length + (value?.GetValue<string>().Length ?? 0);
        }

        if (size > MostAnnotationBytes)
        {
            causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {MostAnnotationBytes} bytes", "metadata.annotations"));
        }
    }

    private static string? Complaint(ResourceType type, string name)
    {
        if (type.Group == "rbac.authorization.k8s.io")
        {
            return name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal) ? "may not contain '/' or '%'" : null;
        }

        return type.Kind switch
        {
            "Namespace" => Names.IsLabel(name) ? null : Names.LabelMessage,
            "Service" => Names.IsServiceName(name) ? null : Names.ServiceMessage,
            _ => Names.IsSubdomain(name) ? null : Names.SubdomainMessage,
        };
    }
}
