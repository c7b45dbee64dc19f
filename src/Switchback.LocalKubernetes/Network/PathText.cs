using System.Text.RegularExpressions;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// Replaces mount paths in texts by where the volumes really are, for containers without a mount namespace.
/// A path counts only as a whole: <c>/config</c> is found in <c>--file=/config/x</c> and not in <c>/etc/config</c> or <c>/configuration</c>.
/// </summary>
internal static class PathText
{
    /// <summary>Replaces each of the paths, the longest first.</summary>
    public static string Replace(string text, IReadOnlyDictionary<string, string> paths)
    {
        if (paths.Count == 0 || !text.Contains('/', StringComparison.Ordinal))
        {
            return text;
        }

        var pattern = string.Join('|', paths.Keys.OrderByDescending(path => path.Length).Select(Regex.Escape));
        return Regex.Replace(text, $@"(?<![\w.\-/])(?:{pattern})(?=/|[^\w.\-]|$)", match => paths[match.Value], RegexOptions.CultureInvariant);
    }
}
