using System.Globalization;
using System.Text.RegularExpressions;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// Finds and replaces a pod's own ports in texts (arguments, variables, mounted files) for the shared network.
/// Only a port after a name of this machine counts: <c>localhost:PORT</c>, <c>127.0.0.1:PORT</c>, <c>0.0.0.0:PORT</c>, <c>[::]:PORT</c>,
/// <c>*:PORT</c>, <c>+:PORT</c> and <c>:PORT</c> at the beginning of a word.
/// </summary>
internal static partial class PortText
{
    /// <summary>The ports that a text names as this machine's. At most 64, which bounds what a strange text can make the node allot.</summary>
    public static IEnumerable<int> Find(string text) => Address().Matches(text).Take(64)
        .Select(match => int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture)).Where(port => port is > 0 and < 65536);

    /// <summary>Replaces the ports that the map knows; all other text stays.</summary>
    public static string Replace(string text, IReadOnlyDictionary<int, int> ports) => ports.Count == 0 ? text : Address().Replace(text, match =>
        int.TryParse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture, out var port) && ports.TryGetValue(port, out var real)
            ? string.Create(CultureInfo.InvariantCulture, $"{match.Groups["host"].Value}:{real}")
            : match.Value);

    [GeneratedRegex(@"(?:(?<![\w.\-])(?<host>localhost|127\.0\.0\.1|0\.0\.0\.0)|(?<host>\[::1?\]|\*|\+)|(?<![^\s,;=""'/])(?<!\w[""'])(?<host>)):(?<port>[0-9]{1,5})(?![\w.:\-])", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
