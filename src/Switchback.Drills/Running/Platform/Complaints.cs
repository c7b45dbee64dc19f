using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>What the platform's warnings say, for the one line a user reads when a workload does not come up.</summary>
internal static class Complaints
{
    private const int Shown = 3;

    public static async Task<string> OfAsync(KubernetesClient kubernetes, CancellationToken cancellation)
    {
        var events = await kubernetes.ListAsync(ResourceNames.Events, new Selection(), cancellation);
        var warnings = events
            .Where(found => found.Text("type") == "Warning")
            .Select(found => $"{found.Text("involvedObject", "name")}: {found.Text("reason")}: {found.Text("message")}")
            .Distinct()
            .TakeLast(Shown)
            .ToList();
        return warnings.Count == 0 ? "no warning says why" : string.Join("; ", warnings);
    }
}
