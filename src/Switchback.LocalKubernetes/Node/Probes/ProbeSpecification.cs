using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Probes;

/// <summary>A probe's timing and thresholds, with Kubernetes' defaults where the object came without.</summary>
internal sealed record ProbeSpecification(JsonObject Handler, TimeSpan InitialDelay, TimeSpan Period, TimeSpan Timeout, int SuccessThreshold, int FailureThreshold, long? TerminationGracePeriodSeconds)
{
    /// <summary>Reads a container's probe; null where it has none.</summary>
    /// <param name="container">The container's specification.</param>
    /// <param name="field"><c>startupProbe</c>, <c>livenessProbe</c> or <c>readinessProbe</c>.</param>
    public static ProbeSpecification? Of(JsonObject container, string field) => container.Object(field) is not { } probe ? null : new ProbeSpecification(
        probe,
        TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0),
        TimeSpan.FromSeconds(Math.Max(1, probe.Number("periodSeconds") ?? 10)),
        TimeSpan.FromSeconds(Math.Max(1, probe.Number("timeoutSeconds") ?? 1)),
        (int)Math.Max(1, probe.Number("successThreshold") ?? 1),
        (int)Math.Max(1, probe.Number("failureThreshold") ?? 3),
        probe.Number("terminationGracePeriodSeconds"));
}
