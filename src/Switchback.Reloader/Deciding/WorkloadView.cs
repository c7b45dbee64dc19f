using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Marking;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Deciding;

/// <summary>All that decisions need to know of one version of a workload; the object itself is not kept.</summary>
internal sealed record WorkloadView(WorkloadKey Key, string? Uid, string? ResourceVersion, WorkloadRules Rules, References References, Marks Marks, PauseState Pause)
{
    /// <summary>Whether this workload has to be remembered; one that asks for nothing any more, until its marks are taken off.</summary>
    public bool IsOfInterest => !Rules.IsEmpty || Pause.PausedAt is not null || Marks.Seen.Count > 0;

    public static WorkloadView Read(WorkloadKind kind, JsonObject workload, AnnotationKeys keys, bool autoReloadAll)
    {
        var template = kind.Template(workload);
        return new WorkloadView(
            new WorkloadKey(kind, workload.Namespace, workload.Name),
            workload.Uid,
            workload.ResourceVersion,
            WorkloadRules.Read(workload, template, keys, autoReloadAll),
            References.Read(template),
            Marks.Read(workload, template),
            PauseState.Read(kind, workload, keys));
    }
}
