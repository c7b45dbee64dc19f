using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Marking;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Patching;

/// <summary>
/// The one strategic-merge patch by which a workload is rolled and remembers for what. It carries the resourceVersion it was computed from: a second reloader
/// that comes to the same conclusion gets a conflict, looks again and finds nothing left to do.
/// </summary>
internal static class RollPatch
{
    public static JsonObject Build(WorkloadView view, Evaluation evaluation, ReloaderOptions options, DateTimeOffset now)
    {
        var patch = new JsonObject();
        var annotations = patch.Ensure("metadata", "annotations");
        patch.Ensure("metadata")["resourceVersion"] = view.ResourceVersion;
        annotations[AnnotationKeys.Seen] = evaluation.Marks.Count == 0 ? null : Marks.Write(evaluation.Marks);
        if (evaluation.Changes.Count == 0)
        {
            return patch;
        }

        Template(patch.Ensure(view.Key.Kind.TemplatePath), view, evaluation, options, now);
        if (view.Pause is { Period: not null, IsPaused: false })
        {
            patch.Ensure("spec")["paused"] = true;
            annotations[options.Annotations.PausedAt] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        }

        return patch;
    }

    /// <summary>The patch that ends a pause.</summary>
    public static JsonObject Resume(JsonObject workload, AnnotationKeys keys) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["resourceVersion"] = workload.ResourceVersion,
            ["annotations"] = new JsonObject { [keys.PausedAt] = null },
        },
        ["spec"] = new JsonObject { ["paused"] = false },
    };

    /// <summary>What makes the pod template another one.</summary>
    public static void Template(
        JsonObject template, WorkloadView view, Evaluation evaluation, ReloaderOptions options, DateTimeOffset now)
    {
        if (options.Strategy == ReloadStrategy.Annotations)
        {
            var last = evaluation.Changes[^1];
            template.Ensure("metadata", "annotations")[AnnotationKeys.LastReloadedFrom] =
                new ReloadSource(last.Resource, view.Key.Namespace, last.Hash, last.Container, now).ToJson();
            return;
        }

        var containers = new Dictionary<string, JsonObject>();
        foreach (var change in evaluation.Changes)
        {
            if (change.Container is not { } name)
            {
                continue;
            }

            if (!containers.TryGetValue(name, out var container))
            {
                containers[name] = container = new JsonObject { ["name"] = name, ["env"] = new JsonArray() };
            }

            Set((JsonArray)container["env"]!, change, view.Marks.HasVariable(name, EnvironmentVariable.NameOf(change.Resource)));
        }

        template.Ensure("spec")["containers"] = new JsonArray([.. containers.Values]);
    }

    private static void Set(JsonArray environment, Change change, bool isThere)
    {
        var name = EnvironmentVariable.NameOf(change.Resource);
        // Two resources may share one variable (my.cfg and my-cfg): a list with one key twice would be refused.
        if (environment.OfType<JsonObject>().FirstOrDefault(other => other.Text("name") == name) is { } shared)
        {
            environment.Remove(shared);
        }

        environment.Add(change.Type == ChangeType.Deleted && isThere
            ? new JsonObject { ["name"] = name, ["$patch"] = "delete" }
            : new JsonObject { ["name"] = name, ["value"] = change.Hash });
    }
}
