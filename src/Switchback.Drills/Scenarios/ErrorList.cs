using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>The errors of one file, each as <c>FILE:LINE: KEY what is wrong, and what would be right</c>.</summary>
internal sealed class ErrorList(string file)
{
    private readonly List<(long Line, string Text)> errors = [];

    public IReadOnlyList<string> Lines => [.. errors.OrderBy(error => error.Line).Select(error => error.Text)];

    public void Add(YamlNode node, string key, string problem) => Add(node.Start.Line, key, problem);

    /// <summary>Those of a file that this one names, whole lines already; they come first.</summary>
    public void Add(IEnumerable<string> lines) => errors.AddRange(lines.Select(line => (0L, line)));

    public void Add(long line, string key, string problem) =>
        errors.Add((line, key.Length == 0 ? $"{file}:{line}: {problem}" : $"{file}:{line}: {key} {problem}"));
}
