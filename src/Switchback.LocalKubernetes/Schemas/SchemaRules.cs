using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Schemas;

/// <summary>What a schema says beyond types: defaults, required fields, allowed values. The status is the controllers' affair and left alone.</summary>
internal static class SchemaRules
{
    /// <summary>Sets the defaults of all objects that are there.</summary>
    public static void SetDefaults(SchemaType type, JsonObject item)
    {
        foreach (var field in type.Fields.Values.Where(field => !IsStatus(type, field)))
        {
            if (field.Default is not null && item[field.Name] is null)
            {
                item[field.Name] = field.Default.DeepClone();
            }

            foreach (var (child, _) in Children(field, item, ""))
            {
                SetDefaults(field.Type!, child);
            }
        }
    }

    /// <summary>Adds a cause for each required field that is missing and for each value that is not allowed.</summary>
    public static void Check(SchemaType type, JsonObject item, string path, List<StatusCause> causes)
    {
        foreach (var field in type.Fields.Values.Where(field => !IsStatus(type, field)))
        {
            var at = path.Length == 0 ? field.Name : path + "." + field.Name;
            var value = item[field.Name];
            if (field.Required && IsEmpty(field, value))
            {
                causes.Add(new StatusCause("FieldValueRequired", "Required value", at));
            }
            else if (field.Allowed.Count > 0 && value is JsonValue && value.GetValueKind() == JsonValueKind.String &&
                value.GetValue<string>() is { Length: > 0 } text && !field.Allowed.Contains(text))
            {
                var allowed = string.Join(", ", field.Allowed.Select(one => $"\"{one}\""));
                causes.Add(new StatusCause("FieldValueNotSupported", $"Unsupported value: \"{text}\": supported values: {allowed}", at));
            }

            foreach (var (child, childPath) in Children(field, item, at))
            {
                Check(field.Type!, child, childPath, causes);
            }
        }
    }

    private static bool IsStatus(SchemaType type, SchemaField field) => type.IsKind && field.Name is "status" or "metadata";

    private static bool IsEmpty(SchemaField field, JsonNode? value) => value switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonValue text when field.Form == ValueForm.Text => text.GetValue<string>().Length == 0,
        _ => false,
    };

    private static IEnumerable<(JsonObject Child, string Path)> Children(SchemaField field, JsonObject item, string path)
    {
        if (field.Form != ValueForm.Object)
        {
            return [];
        }

        return item[field.Name] switch
        {
            JsonArray list => list.OfType<JsonObject>().Select((child, at) => (child, $"{path}[{at.ToString(CultureInfo.InvariantCulture)}]")),
            JsonObject child => [(child, path)],
            _ => [],
        };
    }
}
