using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Switchback.Kubernetes;

namespace Switchback.Drills.Switching;

/// <summary>The values a switch needs are missing or not filled in; the message names the file and what to do.</summary>
public sealed class SwitchException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One kind of client and the cluster it is to use: which manifest says so.</summary>
/// <param name="Client"><c>proxy</c>, <c>producer</c> or <c>consumer</c>: the clients behind the proxy, or one of those without it.</param>
/// <param name="Cluster">Where to, for example <c>west</c>.</param>
public sealed partial record ClientSwitch(string Client, string Cluster)
{
    /// <summary>The kinds of clients there are.</summary>
    public static readonly IReadOnlyList<string> Clients = ["proxy", "producer", "consumer"];

    /// <summary>The manifest's place below a folder laid out as <c>deploy/</c> is.</summary>
    public string RelativeFile =>
        Client == "proxy" ? Path.Combine("proxy", "values", $"{Cluster}.yaml") : Path.Combine("no-proxy", "values", $"{Client}-{Cluster}.yaml");

    /// <summary>
    /// The ConfigMap to apply, from the first of the folders that has the file. Placeholders (<c>WEST_API_KEY</c>) are taken from the environment, as by
    /// <c>deploy/fill</c>.
    /// </summary>
    /// <exception cref="SwitchException">No folder has it, it is no ConfigMap, or a placeholder has no value.</exception>
    public (string File, JsonObject ConfigMap) Read(IReadOnlyList<string> folders, Func<string, string?> environment)
    {
        var file = folders.Select(folder => Path.Combine(folder, RelativeFile)).FirstOrDefault(File.Exists)
            ?? throw new SwitchException($"no {RelativeFile} in {string.Join(" or ", folders)}: name the folder with --values");
        if (Manifests.Read(file) is not [var manifest] || manifest.Kind != ResourceNames.ConfigMaps.Kind || manifest.Name.Length == 0)
        {
            throw new SwitchException($"{file}: one ConfigMap with a name is expected");
        }

        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var data = manifest.Ensure("data");
        foreach (var (key, text) in manifest.Pairs("data").ToList())
        {
            data[key] = Placeholder().Replace(text, match => environment(match.Value) is { Length: > 0 } value ? value : Missing(match.Value));
        }

        return missing.Count == 0
            ? (file, manifest)
            : throw new SwitchException(
                $"{file}: {string.Join(", ", missing)} not filled in: set them in the environment, or name a folder that deploy/fill has filled with --values");

        string Missing(string name)
        {
            missing.Add(name);
            return name;
        }
    }

    [GeneratedRegex(@"\b(NORTH|WEST)_(BOOTSTRAP_SERVERS|API_KEY|API_SECRET|CA_PEM)\b")]
    private static partial Regex Placeholder();
}
