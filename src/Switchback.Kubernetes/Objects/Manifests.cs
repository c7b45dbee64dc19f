using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Switchback.Kubernetes;

/// <summary>A manifest file could not be read; the message names the file and the line.</summary>
public sealed class ManifestException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// YAML manifests as the JSON the API takes. Scalars are typed as kubectl types them: a quoted or block scalar is always a string; a plain one
/// is null, a boolean (also yes/no/on/off, as the YAML 1.1 of kubectl), a number or a string.
/// </summary>
public static partial class Manifests
{
    private const int MaximumDepth = 128;
    private const int MaximumNodes = 1_000_000;

    /// <summary>The documents of one file, empty ones left out; a JSON file is YAML too.</summary>
    /// <exception cref="ManifestException">It cannot be read, or is not YAML of objects.</exception>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"{path}: {failure.Message}", failure);
        }
    }

    /// <summary>The documents in <paramref name="yaml"/>; <paramref name="source"/> is named in errors.</summary>
    public static IReadOnlyList<JsonObject> Parse(string yaml, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException failure)
        {
            throw new ManifestException($"{source}: line {failure.Start.Line}: {failure.InnerException?.Message ?? failure.Message}", failure);
        }

        var converter = new Converter(source);
        var documents = new List<JsonObject>();
        foreach (var document in stream.Documents)
        {
            switch (converter.Convert(document.RootNode, 0))
            {
                case null:
                    break;
                case JsonObject found when found.Text("kind") == "List" && found.At("items") is JsonArray items:
                    documents.AddRange(items.OfType<JsonObject>().Select(item => (JsonObject)item.DeepClone()));
                    break;
                case JsonObject found:
                    documents.Add(found);
                    break;
                default:
                    throw new ManifestException($"{source}: line {document.RootNode.Start.Line}: an object is expected");
            }
        }

        return documents;
    }

    // Aliases may nest into billions of nodes: both depth and number are bounded.
    private sealed class Converter(string source)
    {
        private int nodes;

        public JsonNode? Convert(YamlNode node, int depth)
        {
            if (depth > MaximumDepth || ++nodes > MaximumNodes)
            {
                throw new ManifestException($"{source}: line {node.Start.Line}: nested too deep or too large");
            }

            return node switch
            {
                YamlMappingNode mapping => Mapping(mapping, depth),
                YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(child => Convert(child, depth + 1))]),
                YamlScalarNode scalar => Scalar(scalar),
                _ => throw new ManifestException($"{source}: line {node.Start.Line}: unexpected YAML"),
            };
        }

        private JsonObject Mapping(YamlMappingNode mapping, int depth)
        {
            var result = new JsonObject();
            foreach (var (key, value) in mapping.Children)
            {
                if (key is not YamlScalarNode { Value: { } name } scalar)
                {
                    throw new ManifestException($"{source}: line {key.Start.Line}: a key must be a scalar");
                }

                if (Scalar(scalar) is { } typed && typed.TryGetValue<bool>(out var flag))
                {
                    // A bare "on:" is the key "true", for kubectl too.
                    name = flag ? "true" : "false";
                }

                if (name == "<<" && Convert(value, depth + 1) is JsonObject merged)
                {
                    foreach (var (mergedKey, mergedValue) in merged)
                    {
                        result.TryAdd(mergedKey, mergedValue?.DeepClone());
                    }

                    continue;
                }

                result[name] = Convert(value, depth + 1);
            }

            return result;
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        if (scalar.Style != ScalarStyle.Plain || tag.EndsWith(":str", StringComparison.Ordinal))
        {
            return JsonValue.Create(text);
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }

        if (DecimalInteger().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return JsonValue.Create(integer);
        }

        if (OctalInteger().Match(text) is { Success: true } octal)
        {
            return JsonValue.Create(Convert.ToInt64(octal.Groups[1].Value, 8));
        }

        if (text.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
        {
            return JsonValue.Create(hexadecimal);
        }

        return Fraction().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex DecimalInteger();

    // File modes: 0644 is octal for kubectl.
    [GeneratedRegex("^0o?([0-7]{1,20})$")]
    private static partial Regex OctalInteger();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Fraction();
}
