using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>What an apply did, as kubectl words it.</summary>
public enum ApplyOutcome
{
    /// <summary>The object was not there.</summary>
    Created,

    /// <summary>It was changed.</summary>
    Configured,

    /// <summary>There was nothing to change.</summary>
    Unchanged,
}

/// <summary>The answer of an apply.</summary>
/// <param name="Outcome">What was done.</param>
/// <param name="Object">The object as it is now.</param>
public sealed record Applied(ApplyOutcome Outcome, JsonObject Object);

/// <content><c>kubectl apply -f</c>.</content>
public sealed partial class KubernetesClient
{
    /// <summary>The annotation in which <c>kubectl apply</c> remembers what it applied last.</summary>
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private const int Attempts = 5;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ConcurrentDictionary<(string ApiVersion, string Kind), ResourceName> discovered = new();

    /// <summary>
    /// Creates or changes the object as <c>kubectl apply -f</c> does: what was applied last is remembered in an annotation, so that a field taken out of the
    /// manifest is removed and what others wrote stays. kubectl and this client can take turns.
    /// </summary>
    /// <exception cref="KubernetesException">The server refused it; or the object changed at each of several attempts (409).</exception>
    public async Task<Applied> ApplyAsync(JsonObject manifest, CancellationToken cancellation)
    {
        var resource = await ResourceOfAsync(manifest, cancellation);
        var wanted = (JsonObject)manifest.DeepClone();
        wanted.Object("metadata", "annotations")?.Remove(LastApplied);
        if (NamespaceOf(resource, wanted) is { } ns)
        {
            wanted.Ensure("metadata")["namespace"] = ns;
        }

        var remembered = wanted.ToJsonString(Plain) + "\n";
        wanted.Ensure("metadata", "annotations")[LastApplied] = remembered;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ApplyOnceAsync(resource, wanted, cancellation);
            }
            catch (KubernetesException conflict) when (conflict.IsConflict && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), cancellation);
            }
        }
    }

    /// <summary>The resource of a manifest, by the built-in table or by the API's discovery.</summary>
    /// <exception cref="KubernetesException">404: the cluster has no such kind.</exception>
    public async Task<ResourceName> ResourceOfAsync(JsonObject manifest, CancellationToken cancellation)
    {
        var apiVersion = manifest.Text("apiVersion") ?? "";
        var kind = manifest.Kind;
        if (apiVersion.Length == 0 || kind.Length == 0)
        {
            throw new ManifestException($"{(manifest.Name.Length > 0 ? manifest.Name : "object")}: apiVersion and kind must be set");
        }

        if ((ResourceNames.Find(apiVersion, kind) ?? discovered.GetValueOrDefault((apiVersion, kind))) is { } known)
        {
            return known;
        }

        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var (group, version) = slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
        var list = await GetAsync(group.Length == 0 ? $"api/{version}" : $"apis/{apiVersion}", cancellation);
        var entry = list.Items("resources").FirstOrDefault(item => item.Kind == kind && item.Text("name")?.Contains('/') == false)
            ?? throw new KubernetesException(404, "NotFound", $"no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        return discovered[(apiVersion, kind)] = new ResourceName(group, version, entry.Text("name")!, kind, entry.Flag("namespaced"));
    }

    private async Task<Applied> ApplyOnceAsync(ResourceName resource, JsonObject wanted, CancellationToken cancellation)
    {
        var ns = NamespaceOf(resource, wanted);
        if (await GetAsync(resource, ns, wanted.Name, cancellation) is not { } there)
        {
            return new Applied(ApplyOutcome.Created, await CreateAsync(resource, wanted, cancellation));
        }

        var patch = ThreeWayMerge.Difference(there, ThreeWayMerge.Merge(LastOf(there), wanted, there));
        patch.Remove("status");
        var metadata = patch.Object("metadata");
        foreach (var field in (string[])["creationTimestamp", "uid", "resourceVersion", "generation", "managedFields"])
        {
            metadata?.Remove(field);
        }

        if (metadata is { Count: 0 })
        {
            patch.Remove("metadata");
        }

        if (patch.Count == 0)
        {
            return new Applied(ApplyOutcome.Unchanged, there);
        }

        // Computed from this very state: whoever changed it meanwhile must be seen, not overwritten.
        patch.Ensure("metadata")["resourceVersion"] = there.ResourceVersion;
        var changed = await PatchAsync(resource, ns, wanted.Name, patch, PatchType.Merge, cancellation);
        return new Applied(changed.ResourceVersion == there.ResourceVersion ? ApplyOutcome.Unchanged : ApplyOutcome.Configured, changed);
    }

    private static JsonObject? LastOf(JsonObject there)
    {
        try
        {
            return there.Annotation(LastApplied) is { } text ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (JsonException)
        {
            // Someone wrote something else into it: then nothing is known to have been applied.
            return null;
        }
    }
}
