using System.Globalization;
using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Parsing;

/// <summary>A field: <c>ClusterId string? 12+ tag0 ignorable = null</c>.</summary>
internal static class FieldLine
{
    private static readonly char[] Blank = [' '];

    public static Field Parse(string content, int number)
    {
        string? defaultValue = null;
        var equals = content.IndexOf(" = ", StringComparison.Ordinal);
        if (equals >= 0)
        {
            defaultValue = content.Substring(equals + 3).Trim();
            content = content.Substring(0, equals);
        }

        var words = content.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            throw new SchemaException(number, "expected: NAME TYPE [VERSIONS] [tagN] [ignorable] [= DEFAULT]");
        var (type, nullable) = ParseType(words[1], number);
        var field = new Field(words[0], type) { Default = defaultValue };
        for (var i = 2; i < words.Length; i++)
            ApplyWord(field, words[i], number);
        if (nullable is not null)
            field.NullableVersions = nullable.Length == 0 ? field.Versions : MessageLine.Range(nullable, number);
        return field;
    }

    private static (FieldType Type, string? Nullable) ParseType(string word, int number)
    {
        var question = word.IndexOf('?');
        var name = question < 0 ? word : word.Substring(0, question);
        var isList = name.StartsWith("[]", StringComparison.Ordinal);
        var type = new FieldType(isList ? name.Substring(2) : name, isList);
        if (!type.IsKnown)
            throw new SchemaException(number, "unknown type " + name);
        return (type, question < 0 ? null : word.Substring(question + 1));
    }

    private static void ApplyWord(Field field, string word, int number)
    {
        if (word == "ignorable")
            field.Ignorable = true;
        else if (word == "inflexible")
            field.Inflexible = true;
        else if (word.StartsWith("tag", StringComparison.Ordinal))
            field.Tag = int.Parse(word.Substring(3), CultureInfo.InvariantCulture);
        else
            field.Versions = MessageLine.Range(word, number);
    }
}
