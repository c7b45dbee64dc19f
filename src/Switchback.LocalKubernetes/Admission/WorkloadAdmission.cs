using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Deployments and the other kinds that make pods from a template.</summary>
internal static class WorkloadAdmission
{
    public static void SetDefaults(ResourceType type, JsonObject item)
    {
        if (item.Object("spec") is not { } spec)
        {
            return;
        }

        PodDefaults.Apply(spec.Object("template", "spec"));

        // A template's metadata is there even when nothing was said.
        if (spec.Object("template") is { } template)
        {
            template["metadata"] ??= new JsonObject();
        }

        var strategy = type.Kind switch { "Deployment" => "strategy", "DaemonSet" or "StatefulSet" => "updateStrategy", _ => null };
        if (strategy is not null && spec.Text(strategy, "type") == "RollingUpdate" && spec.At(strategy, "rollingUpdate") is null)
        {
            spec.Ensure(strategy, "rollingUpdate");
            SchemaRules.SetDefaults(SchemaCatalogue.ForKind(type.ApiVersion, type.Kind)!, item);
        }
    }

    public static void Check(ResourceType type, JsonObject item, JsonObject? previous, List<StatusCause> causes)
    {
        if (item.Object("spec") is not { } spec || type.Kind == "Job")
        {
            return;
        }

        if (spec.Number("replicas") < 0)
        {
            causes.Invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0");
        }

        CheckSelector(type, spec, previous, causes);
        if (spec.Object("template", "spec") is { } template)
        {
            PodRules.Check(template, "spec.template.spec", causes);
            if (template.Text("restartPolicy") is { } policy and not "Always")
            {
                causes.Unsupported("spec.template.spec.restartPolicy", policy, "Always");
            }
        }

        MetadataRules.CheckLabels(spec.Object("template", "metadata", "labels"), "spec.template.labels", causes);
        if (type.Kind == "Deployment")
        {
            CheckStrategy(spec, causes);
        }
    }

    private static void CheckSelector(ResourceType type, JsonObject spec, JsonObject? previous, List<StatusCause> causes)
    {
        if (spec.Object("selector") is not { } selector)
        {
            return;
        }

        var read = LabelSelector.FromObject(selector);
        if (read.Requirements.Count == 0)
        {
            causes.Invalid("spec.selector", selector, $"empty selector is invalid for {type.Kind.ToLowerInvariant()}");
        }
        else if (spec.Object("template") is { } template && !read.MatchesLabels(template.Object("metadata", "labels")))
        {
            causes.Invalid("spec.template.metadata.labels", template.Object("metadata", "labels") ?? [], "`selector` does not match template `labels`");
        }

        if (previous is not null && !JsonNode.DeepEquals(previous.At("spec", "selector"), selector))
        {
            causes.Invalid("spec.selector", selector, "field is immutable");
        }
    }

    private static void CheckStrategy(JsonObject spec, List<StatusCause> causes)
    {
        const string path = "spec.strategy.rollingUpdate";
        var rolling = spec.Object("strategy", "rollingUpdate");
        if (spec.Text("strategy", "type") == "Recreate")
        {
            if (rolling is not null)
            {
                causes.Forbidden(path, "may not be specified when strategy `type` is 'Recreate'");
            }

            return;
        }

        var zeros = 0;
        foreach (var field in (ReadOnlySpan<string>)["maxUnavailable", "maxSurge"])
        {
            var text = rolling?[field]?.ToString() ?? "";
            var digits = text.EndsWith('%') ? text[..^1] : text;
            if (!long.TryParse(digits, out var number) || (rolling![field]!.GetValueKind() == System.Text.Json.JsonValueKind.String && !text.EndsWith('%')))
            {
                causes.Invalid($"{path}.{field}", text, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
            else if (number < 0)
            {
                causes.Invalid($"{path}.{field}", rolling[field], "must be greater than or equal to 0");
            }

            zeros += number == 0 ? 1 : 0;
        }

        if (zeros == 2)
        {
            causes.Invalid(path + ".maxUnavailable", rolling?["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }

        if (spec.Number("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Number("minReadySeconds") ?? 0))
        {
            causes.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }
}
