using YamlDotNet.RepresentationModel;

namespace Switchback.Mirror.Configuration;

/// <summary>The errors of one file.</summary>
internal sealed class ErrorList(string file)
{
    private readonly List<(long Line, string Text)> _errors = [];

    public IReadOnlyList<string> Lines => [.. _errors.OrderBy(error => error.Line).Select(error => error.Text)];

    public void Add(YamlNode at, string key, string problem) => Add(at.Start.Line, key, problem);

    public void Add(long line, string key, string problem) => _errors.Add((line, $"{file}:{line}: {(key.Length == 0 ? "" : key + " ")}{problem}"));

    public void AddWhole(string text) => _errors.Add((0, text));
}
