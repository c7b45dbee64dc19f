using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Words refusals as clients know them.</summary>
internal static class Causes
{
    public static void Invalid(this List<StatusCause> causes, string field, JsonNode? value, string why) =>
        causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: {value?.ToJsonString(ReadableJson) ?? "null"}: {why}", field));

    public static void Required(this List<StatusCause> causes, string field, string why = "") =>
        causes.Add(new StatusCause("FieldValueRequired", why.Length == 0 ? "Required value" : "Required value: " + why, field));

    public static void Forbidden(this List<StatusCause> causes, string field, string why) => causes.Add(new StatusCause("FieldValueForbidden", "Forbidden: " + why, field));

    public static void Duplicate(this List<StatusCause> causes, string field, string value) =>
        causes.Add(new StatusCause("FieldValueDuplicate", $"Duplicate value: \"{value}\"", field));

    public static void NotFound(this List<StatusCause> causes, string field, string value) =>
        causes.Add(new StatusCause("FieldValueNotFound", $"Not found: \"{value}\"", field));

    public static void Unsupported(this List<StatusCause> causes, string field, string value, params string[] supported) =>
        causes.Add(new StatusCause(
            "FieldValueNotSupported", $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(one => $"\"{one}\""))}", field));

    /// <summary>The path of a list's entry.</summary>
    public static string At(string path, int index) => $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]";

    private static System.Text.Json.JsonSerializerOptions ReadableJson { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
