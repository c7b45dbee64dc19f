using System.Collections;
using System.Globalization;
using System.Text.Json;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Tests.Schema;

namespace Switchback.Kafka.Tests.Oracle;

/// <summary>Compares the fields Kafka's classes saw in our bytes with those of our object.</summary>
internal static class FieldComparison
{
    public static void Compare(JsonElement theirs, object ours, Message message, Struct item, string path)
    {
        foreach (var property in theirs.EnumerateObject())
        {
            var field = item.Fields.Single(f => string.Equals(f.Name, property.Name, StringComparison.OrdinalIgnoreCase));
            // Kafka's JSON leaves records empty; their bytes are compared with the whole message.
            if (field.Type.Name == "records")
                continue;
            var value = MessageFiller.Property(ours, field).GetValue(ours);
            CompareValue(property.Value, value, message, field.Type, path + "." + field.Name);
        }
    }

    private static void CompareValue(JsonElement theirs, object? ours, Message message, FieldType type, string path)
    {
        if (theirs.ValueKind == JsonValueKind.Null || ours is null)
        {
            Assert.True(ours is null && theirs.ValueKind == JsonValueKind.Null, $"{path}: {ours ?? "null"}, Kafka saw {theirs}");
        }
        else if (ours is IList list)
        {
            Assert.True(list.Count == theirs.GetArrayLength(), $"{path}: {list.Count} elements, Kafka saw {theirs.GetArrayLength()}");
            for (var i = 0; i < list.Count; i++)
                CompareValue(theirs[i], list[i], message, type, $"{path}[{i}]");
        }
        else if (type.IsStruct)
        {
            Compare(theirs, ours, message, message.Structs[type.Name], path);
        }
        else if (ours is double number)
        {
            Assert.Equal(theirs.GetDouble(), number);
        }
        else
        {
            Assert.True(Text(ours) == theirs.ToString(), $"{path}: {Text(ours)}, Kafka saw {theirs}");
        }
    }

    private static string Text(object ours) => ours switch
    {
        bool flag => flag.ToString(),
        KafkaError error => ((short)error).ToString(CultureInfo.InvariantCulture),
        Guid uuid => Convert.ToBase64String(uuid.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
        ReadOnlyMemory<byte> bytes => Convert.ToBase64String(bytes.Span),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)ours,
    };
}
