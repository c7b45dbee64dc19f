using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>
/// A mapping of the file, read strictly: each key is asked for once, what is wrong is noted with its line, and <see cref="Done"/> notes
/// the keys that nobody asked for. A value is returned even after an error, so that one pass finds them all.
/// </summary>
internal sealed class YamlSection
{
    private readonly YamlMappingNode? mapping;
    private readonly ErrorList errors;
    private readonly HashSet<string> known = [];

    public YamlSection(YamlNode node, string path, ErrorList errors)
    {
        Path = path;
        Node = node;
        this.errors = errors;
        mapping = node as YamlMappingNode;
        if (mapping is null)
        {
            errors.Add(node, path, $"is {Kind(node)}, and a mapping (key: value) would be right");
        }
    }

    public string Path { get; }

    public YamlNode Node { get; }

    /// <summary>Each key, where it stands, and its value.</summary>
    public IEnumerable<(string Key, YamlNode At, YamlNode Value)> Entries =>
        mapping is null ? [] : mapping.Children.Select(child => (Text(child.Key), child.Key, child.Value));

    public YamlNode? Find(string key)
    {
        known.Add(key);
        return mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    public string? OptionalText(string key)
    {
        var node = Find(key);
        if (node is null)
        {
            return null;
        }

        if (node is YamlScalarNode scalar && !string.IsNullOrEmpty(scalar.Value))
        {
            return scalar.Value;
        }

        errors.Add(node, At(key), $"is {Kind(node)}, and a text would be right");
        return null;
    }

    public string RequiredText(string key, string what)
    {
        if (Find(key) is null)
        {
            errors.Add(Node, At(key), $"is missing: {what}");
            return "";
        }

        return OptionalText(key) ?? "";
    }

    public int Integer(string key, int low, int high, int otherwise)
    {
        var node = Find(key);
        if (node is null)
        {
            return otherwise;
        }

        if (node is YamlScalarNode scalar && int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high)
        {
            return value;
        }

        errors.Add(node, At(key), $"is {Shown(node)}, and a whole number from {low} to {high} would be right");
        return otherwise;
    }

    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        var node = Find(key);
        return node is null ? otherwise : ParseDuration(node, At(key), errors) ?? otherwise;
    }

    public bool Flag(string key)
    {
        var node = Find(key);
        if (node is null or YamlScalarNode { Value: "false" })
        {
            return false;
        }

        if (node is YamlScalarNode { Value: "true" })
        {
            return true;
        }

        errors.Add(node, At(key), $"is {Shown(node)}, and true or false would be right");
        return false;
    }

    public IReadOnlyList<(string Value, YamlNode Node)> TextList(string key, bool required, string what)
    {
        var node = Find(key);
        switch (node)
        {
            case null:
                if (required)
                {
                    errors.Add(Node, At(key), $"is missing: {what}");
                }

                return [];
            case YamlSequenceNode list:
                var items = new List<(string, YamlNode)>();
                foreach (var item in list)
                {
                    if (item is YamlScalarNode { Value: { Length: > 0 } text })
                    {
                        items.Add((text, item));
                    }
                    else
                    {
                        errors.Add(item, At(key), $"holds {Kind(item)}, and texts would be right: {what}");
                    }
                }

                return items;
            default:
                errors.Add(node, At(key), $"is {Kind(node)}, and a list would be right: {what}");
                return [];
        }
    }

    public IReadOnlyDictionary<string, string> Texts(string key)
    {
        var node = Find(key);
        if (node is null)
        {
            return new Dictionary<string, string>();
        }

        var section = new YamlSection(node, At(key), errors);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, _, _) in section.Entries)
        {
            texts[name] = section.OptionalText(name) ?? "";
        }

        return texts;
    }

    /// <summary>Notes every key of this mapping that was not asked for, with the ones that would be right.</summary>
    public void Done()
    {
        foreach (var (key, at, _) in Entries)
        {
            if (!known.Contains(key))
            {
                errors.Add(at, At(key), $"is not a key here; {string.Join(", ", known.Order())} would be right");
            }
        }
    }

    public string At(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>A number and its unit, <c>ms</c>, <c>s</c> or <c>m</c>: 500ms, 4s, 2m.</summary>
    public static TimeSpan? ParseDuration(YamlNode node, string path, ErrorList errors)
    {
        var text = (node as YamlScalarNode)?.Value ?? "";
        var digits = text.TakeWhile(character => char.IsAsciiDigit(character) || character == '.').Count();
        var unit = text[digits..] switch { "ms" => 1.0, "s" => 1000.0, "m" => 60_000.0, _ => 0 };
        if (unit > 0 && double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit <= 86_400_000)
        {
            return TimeSpan.FromMilliseconds(number * unit);
        }

        errors.Add(node, path, $"is {Shown(node)}, and a duration with its unit would be right: 500ms, 4s, 2m");
        return null;
    }

    public static string Shown(YamlNode node) => node is YamlScalarNode scalar ? $"`{scalar.Value}`" : Kind(node);

    private static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? node.ToString();

    private static string Kind(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "empty",
        _ => $"the text {Shown(node)}",
    };
}
