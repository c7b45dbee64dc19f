using System.Globalization;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Schemas;

/// <summary>
/// The types of the API, read from the <c>*.schema</c> files beside this one. A line <c>type NAME</c> or <c>kind NAME</c> starts a type; each indented line is a field:
/// its name, its type (<c>[]T</c> a list, <c>map[T]</c> a map), then marks: <c>#N</c> its number in protobuf (<c>#N.M</c> inside a message that JSON does not have), <c>zero</c> a zero is a value and not an absence, <c>!</c> required, <c>=VALUE</c> a default, <c>in:A|B</c> the values that are taken,
/// <c>@KEY</c> the merge key of a list, <c>set</c> a merged list of plain values, <c>retainKeys</c>, <c>kept</c> taken and shown and nothing more.
/// </summary>
internal static class SchemaCatalogue
{
    private static readonly Lazy<Dictionary<string, SchemaType>> Types = new(Load);

    private static readonly Lazy<Dictionary<(string, string), SchemaType>> Kinds =
        new(() => Types.Value.Values.Where(type => type.IsKind).ToDictionary(type => (type.ApiVersion, type.Name)));

    public static IReadOnlyCollection<SchemaType> All => Types.Value.Values;

    public static SchemaType? ForKind(string apiVersion, string kind) => Kinds.Value.GetValueOrDefault((apiVersion, kind));

    private static Dictionary<string, SchemaType> Load()
    {
        var types = new Dictionary<string, SchemaType>();
        var assembly = typeof(SchemaCatalogue).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith("schemas/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            Read(reader, resource, types);
        }

        foreach (var field in types.Values.SelectMany(type => type.Fields.Values).Where(field => field.Form == ValueForm.Object))
        {
            field.Type = types.GetValueOrDefault(field.TypeName) ?? throw new InvalidDataException($"the schema has no type {field.TypeName}, needed by {field.Name}");
        }

        return types;
    }

    private static void Read(StreamReader reader, string source, Dictionary<string, SchemaType> types)
    {
        string[] package = [];
        SchemaType? current = null;
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case ["package", _, _]:
                    package = words;
                    break;
                case ["type" or "kind", var name] when line[0] != ' ':
                    current = new SchemaType(name, package[1], package[2]) { IsKind = words[0] == "kind" };
                    types.Add(name, current);
                    if (current.IsKind)
                    {
                        current.Add(ReadField(["apiVersion", "string"]));
                        current.Add(ReadField(["kind", "string"]));
                        current.Add(ReadField(["metadata", "ObjectMeta", "#1"]));
                    }

                    break;
                case [_, _, ..] when current is not null && line[0] == ' ':
                    current.Add(ReadField(words));
                    break;
                default:
                    throw new InvalidDataException($"{source}: \"{line}\" is not understood");
            }
        }
    }

    private static SchemaField ReadField(ReadOnlySpan<string> words)
    {
        var (container, inner) = words[1] switch
        {
            ['[', ']', .. var item] => (Container.List, item),
            ['m', 'a', 'p', '[', .. var item, ']'] => (Container.Map, item),
            var plain => (Container.None, plain),
        };
        var form = inner switch
        {
            "string" => ValueForm.Text,
            "int" => ValueForm.Int32,
            "int64" => ValueForm.Int64,
            "bool" => ValueForm.Boolean,
            "quantity" => ValueForm.Quantity,
            "intstr" => ValueForm.IntOrText,
            "time" => ValueForm.Time,
            "microtime" => ValueForm.MicroTime,
            "bytes" => ValueForm.Bytes,
            "any" => ValueForm.Any,
            _ => ValueForm.Object,
        };
        var marks = words[2..].ToArray();
        var numbers = marks.FirstOrDefault(mark => mark[0] == '#')?[1..].Split('.') ?? ["0"];
        return new SchemaField(words[0], container, form, inner)
        {
            Number = int.Parse(numbers[0], CultureInfo.InvariantCulture),
            InnerNumber = numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 0,
            ZeroCounts = marks.Contains("zero"),
            Required = marks.Contains("!"),
            MergedSet = marks.Contains("set"),
            Kept = marks.Contains("kept"),
            RetainKeys = marks.Contains("retainKeys"),
            MergeKey = marks.FirstOrDefault(mark => mark[0] == '@')?[1..],
            Allowed = marks.FirstOrDefault(mark => mark.StartsWith("in:", StringComparison.Ordinal))?[3..].Split('|') ?? [],
            Default = marks.FirstOrDefault(mark => mark[0] == '=') is { } mark ? ReadDefault(mark[1..], form) : null,
        };
    }

    private static JsonNode ReadDefault(string text, ValueForm form) => form switch
    {
        ValueForm.Object => new JsonObject(),
        ValueForm.Int32 or ValueForm.Int64 => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
        ValueForm.IntOrText when int.TryParse(text, out var number) => JsonValue.Create((long)number),
        ValueForm.Boolean => JsonValue.Create(text == "true"),
        _ => JsonValue.Create(text),
    };
}
