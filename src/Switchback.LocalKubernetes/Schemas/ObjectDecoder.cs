using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Schemas;

/// <summary>
/// Reads an object against its type as a server's decoder does: a value of the wrong type is an error, a null is as if it were not there, and a field that the type
/// does not have is left out and reported.
/// </summary>
internal sealed class ObjectDecoder
{
    private readonly List<string> unknown = [];
    private readonly string structName;
    private string owner;

    private ObjectDecoder(string structName)
    {
        this.structName = structName;
        owner = structName;
    }

    /// <summary>Decodes in place.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="item">What came; changed to what is kept.</param>
    /// <returns>For each field that was left out a sentence such as <c>unknown field "spec.x"</c>.</returns>
    /// <exception cref="StatusException">400 for a value of the wrong type.</exception>
    public static IReadOnlyList<string> Decode(SchemaType type, JsonObject item)
    {
        var decoder = new ObjectDecoder(type.Name);
        try
        {
            decoder.Visit(type, item, "");
        }
        catch (FormatException wrong)
        {
            throw StatusException.BadRequest($"{type.Name} in version \"{Version(type)}\" cannot be handled as a {type.Name}: {wrong.Message}");
        }

        return decoder.unknown;
    }

    public static string Version(SchemaType type) => type.ApiVersion[(type.ApiVersion.LastIndexOf('/') + 1)..];

    private void Visit(SchemaType type, JsonObject item, string path)
    {
        foreach (var (name, value) in item.ToList())
        {
            var at = path.Length == 0 ? name : path + "." + name;
            if (!type.Fields.TryGetValue(name, out var field))
            {
                unknown.Add($"unknown field \"{at}\"");
                item.Remove(name);
            }
            else if (value is null)
            {
                item.Remove(name);
            }
            else
            {
                owner = type.Name;
                VisitField(field, value, at);
            }
        }
    }

    private void VisitField(SchemaField field, JsonNode value, string path)
    {
        switch (field.Container)
        {
            case Container.List:
                if (value is not JsonArray list)
                {
                    throw Wrong(value, path, "[]" + GoType(field));
                }

                for (var at = 0; at < list.Count; at++)
                {
                    // A null among objects is an empty object for a decoder; there is nothing sensible to keep of it among values.
                    list[at] ??= field.Form == ValueForm.Object ? new JsonObject() : "";
                    VisitValue(field, list[at]!, $"{path}[{at.ToString(CultureInfo.InvariantCulture)}]", path);
                }

                break;
            case Container.Map:
                if (value is not JsonObject map)
                {
                    throw Wrong(value, path, "map[string]" + GoType(field));
                }

                foreach (var (key, entry) in map.ToList())
                {
                    if (entry is null && field.Form is ValueForm.Text or ValueForm.Bytes)
                    {
                        map[key] = "";
                    }

                    VisitValue(field, map[key] ?? new JsonObject(), $"{path}.{key}", path);
                }

                break;
            default:
                VisitValue(field, value, path, path);
                break;
        }
    }

    private void VisitValue(SchemaField field, JsonNode value, string path, string fieldPath)
    {
        if (field.Form == ValueForm.Object)
        {
            Visit(field.Type!, value as JsonObject ?? throw Wrong(value, fieldPath, GoType(field)), path);
            return;
        }

        var kind = value.GetValueKind();
        var good = field.Form switch
        {
            ValueForm.Text => kind == JsonValueKind.String,
            ValueForm.Int32 => IsWhole(value, int.MinValue, int.MaxValue, fieldPath, "int32"),
            ValueForm.Int64 => IsWhole(value, long.MinValue, long.MaxValue, fieldPath, "int64"),
            ValueForm.Boolean => kind is JsonValueKind.True or JsonValueKind.False,
            ValueForm.Quantity => IsQuantity(value),
            ValueForm.IntOrText => kind == JsonValueKind.String || IsWhole(value, int.MinValue, int.MaxValue, fieldPath, "int32"),
            ValueForm.Time or ValueForm.MicroTime => IsTime(value),
            ValueForm.Bytes => IsBase64(value),
            _ => true,
        };
        if (!good)
        {
            throw Wrong(value, fieldPath, GoType(field));
        }
    }

    private bool IsWhole(JsonNode value, long least, long most, string path, string goType)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        return long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? true
            : throw new FormatException($"json: cannot unmarshal number {value.ToJsonString()} into Go struct field {owner}.{path} of type {goType}");
    }

    private static bool IsQuantity(JsonNode value)
    {
        var text = value.GetValueKind() switch
        {
            JsonValueKind.Number => value.ToJsonString(),
            JsonValueKind.String => value.GetValue<string>(),
            _ => "",
        };
        return Quantity.TryParse(text, out _)
            ? true
            : throw new FormatException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    }

    private static bool IsTime(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            return false;
        }

        var text = value.GetValue<string>();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
            ? true
            : throw new FormatException($"parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\"");
    }

    private static bool IsBase64(JsonNode value)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            return false;
        }

        var text = value.GetValue<string>();
        var room = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, room, out _)
            ? true
            : throw new FormatException($"illegal base64 data at input byte {FirstIllegal(text).ToString(CultureInfo.InvariantCulture)}");
    }

    private static int FirstIllegal(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsAsciiLetterOrDigit(text[at]) && text[at] is not ('+' or '/' or '='))
            {
                return at;
            }
        }

        return text.Length / 4 * 4;
    }

    private FormatException Wrong(JsonNode value, string path, string goType)
    {
        var came = value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Number => "number",
            JsonValueKind.String => "string",
            JsonValueKind.Array => "array",
            _ => "object",
        };
        var field = owner == structName && path.Length == 0 ? structName : $"{owner}.{WithoutIndexes(path)}";
        return new FormatException($"json: cannot unmarshal {came} into Go struct field {field} of type {goType}");
    }

    private static string WithoutIndexes(string path) =>
        string.Concat(path.Split('[').Select((part, at) => at == 0 ? part : part[(part.IndexOf(']') + 1)..]));

    private static string GoType(SchemaField field) => field.Form switch
    {
        ValueForm.Text => "string",
        ValueForm.Int32 => "int32",
        ValueForm.Int64 => "int64",
        ValueForm.Boolean => "bool",
        ValueForm.Quantity => "resource.Quantity",
        ValueForm.IntOrText => "intstr.IntOrString",
        ValueForm.Time => "v1.Time",
        ValueForm.MicroTime => "v1.MicroTime",
        ValueForm.Bytes => "[]uint8",
        _ => "v1." + field.TypeName,
    };
}
