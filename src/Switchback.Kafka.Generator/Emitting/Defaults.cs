using System.Globalization;
using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Emitting;

/// <summary>A field's default as a C# initializer, and the test whether a value is that default.</summary>
internal static class Defaults
{
    public static bool IsNull(Field field) => field.IsNullable && (field.Default == "null" || field.Type.Name == "records");

    public static string Initializer(MessageContext context, Field field)
    {
        if (IsNull(field))
            return "";
        if (field.Type.IsList)
            return " = [];";
        if (field.Type.IsStruct)
            return " = new " + context.ElementClr(field.Type) + "();";
        if (field.Type.IsBytes)
            return field.IsNullable ? " = System.ReadOnlyMemory<byte>.Empty;" : "";
        return field.Type.IsString || field.Default is not null ? $" = {Literal(field)};" : "";
    }

    public static string IsDefault(Field field)
    {
        var name = "this." + field.Name;
        if (IsNull(field))
            return name + " is null";
        if (field.Type.IsList)
            return field.IsNullable ? name + " is { Count: 0 }" : name + ".Count == 0";
        if (field.Type.IsStruct)
            return name + ".IsDefault()";
        if (field.Type.IsBytes)
            return field.IsNullable ? name + " is { IsEmpty: true }" : name + ".IsEmpty";
        return $"{name} == {Literal(field)}";
    }

    private static string Literal(Field field)
    {
        var text = field.Default ?? "";
        switch (field.Type.Name)
        {
            case "string":
                return "\"" + text + "\"";
            case "bool":
                return text == "true" ? "true" : "false";
            case "uuid":
                return "System.Guid.Empty";
            case "error":
                return $"(Switchback.Kafka.KafkaError)({(text.Length == 0 ? "0" : text)})";
            case "float64":
                return text.Length == 0 ? "0d" : text + "d";
            default:
                var number = text.Length == 0 ? 0
                    : text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt64(text, 16)
                    : long.Parse(text, CultureInfo.InvariantCulture);
                return number.ToString(CultureInfo.InvariantCulture) + (field.Type.Name == "int64" ? "L" : "");
        }
    }
}
