using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>The objects of a folder or file of manifests, as <c>kubectl apply -k</c> or <c>-f</c> would find them.</summary>
internal static class ManifestFolder
{
    private const string Kustomization = "kustomization.yaml";

    /// <exception cref="DrillException">A kustomization uses more than <c>resources</c> and <c>namespace</c>, or names what is not there.</exception>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        if (File.Exists(path))
        {
            return Manifests.Read(path);
        }

        var kustomization = Path.Combine(path, Kustomization);
        if (!File.Exists(kustomization))
        {
            return [.. Directory.EnumerateFiles(path, "*.y*ml").Order(StringComparer.Ordinal).SelectMany(Manifests.Read)];
        }

        var objects = new List<JsonObject>();
        foreach (var document in Manifests.Read(kustomization))
        {
            foreach (var (key, _) in document)
            {
                if (key is not ("apiVersion" or "kind" or "resources"))
                {
                    throw new DrillException($"{kustomization}: {key} is not understood by a drill, which takes resources only; render it with kubectl kustomize");
                }
            }

            foreach (var resource in document["resources"] as JsonArray ?? [])
            {
                var child = Path.Combine(path, (string?)resource ?? "");
                if (!File.Exists(child) && !Directory.Exists(child))
                {
                    throw new DrillException($"{kustomization}: resources names {resource}, and there is no such file or folder");
                }

                objects.AddRange(Read(child));
            }
        }

        return objects;
    }
}
