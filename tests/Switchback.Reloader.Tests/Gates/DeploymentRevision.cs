using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>
/// A Deployment's rollouts as its controller counts them. Its generation is no measure: it counts the changes of annotations too, of which the reloader makes some.
/// </summary>
internal static class DeploymentRevision
{
    /// <summary>How many templates its pods have had, the first one included; read after its controller has seen it as it is.</summary>
    public static async Task<long> ReadAsync(Func<Task<JsonObject?>> find)
    {
        JsonObject? seen = null;
        await Eventually.HoldsAsync(
            async () => (seen = await find()) is { } found && found.Number("status", "observedGeneration") >= found.Number("metadata", "generation"), "the Deployment is observed");
        return Of(seen!);
    }

    /// <summary>The revision that its controller has given it.</summary>
    public static long Of(JsonObject deployment) => long.Parse(deployment.Annotation("deployment.kubernetes.io/revision") ?? "0", CultureInfo.InvariantCulture);
}
