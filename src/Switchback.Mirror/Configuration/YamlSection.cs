using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Switchback.Mirror.Configuration;

/// <summary>A mapping of the file, read strictly: each error is noted with its line, and so is each key that nobody asked for.</summary>
internal sealed class YamlSection
{
    private readonly YamlMappingNode? _mapping;
    private readonly string _path;
    private readonly ErrorList _errors;
    private readonly HashSet<string> _known = [];

    public YamlSection(YamlNode node, string path, ErrorList errors)
    {
        (Node, _path, _errors) = (node, path, errors);
        _mapping = node as YamlMappingNode;
        if (_mapping is null)
            errors.Add(node, path, "is not a mapping; key: value would be right");
    }

    public YamlNode Node { get; }

    public IEnumerable<(string Key, YamlNode At, YamlNode Value)> Entries =>
        _mapping is null ? [] : _mapping.Children.Select(child => (TextOf(child.Key) ?? "", child.Key, child.Value));

    public string At(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    public YamlNode? Find(string key)
    {
        _known.Add(key);
        return _mapping is not null && _mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    public string? Text(string key)
    {
        var node = Find(key);
        if (node is null)
            return null;
        if (TextOf(node) is { Length: > 0 } text)
            return text;
        _errors.Add(node, At(key), "is not a text");
        return null;
    }

    public string RequiredText(string key, string right)
    {
        if (Find(key) is null)
            _errors.Add(Node, At(key), $"is missing; {right} would be right");
        return Text(key) ?? "";
    }

    public bool Flag(string key, bool otherwise)
    {
        var node = Find(key);
        if (node is null)
            return otherwise;
        if (bool.TryParse(TextOf(node), out var value))
            return value;
        _errors.Add(node, At(key), $"is {TextOf(node) ?? "not a text"}; true or false would be right");
        return otherwise;
    }

    public TimeSpan Milliseconds(string key, int lowest, TimeSpan otherwise)
    {
        var node = Find(key);
        if (node is null)
            return otherwise;
        if (int.TryParse(TextOf(node), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= lowest)
            return TimeSpan.FromMilliseconds(value);
        _errors.Add(node, At(key), $"is {TextOf(node) ?? "not a text"}; a number of milliseconds from {lowest} would be right");
        return otherwise;
    }

    /// <summary>Notes every key that was not asked for.</summary>
    public void Done()
    {
        foreach (var (key, at, _) in Entries.Where(entry => !_known.Contains(entry.Key)))
            _errors.Add(at, At(key), $"is not a key here; {string.Join(", ", _known.Order())} would be right");
    }

    public static string? TextOf(YamlNode node) => (node as YamlScalarNode)?.Value;
}
