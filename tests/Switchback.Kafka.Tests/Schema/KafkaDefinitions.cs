using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Switchback.Kafka.Tests.Live;

namespace Switchback.Kafka.Tests.Schema;

/// <summary>Apache Kafka's own message definitions, from the jar of its clients.</summary>
internal static partial class KafkaDefinitions
{
    /// <summary>The definitions by message name; the calling test is skipped where Kafka is not there.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Load()
    {
        using var jar = ZipFile.OpenRead(ApacheKafka.Jar("kafka-clients"));
        var definitions = new Dictionary<string, JsonElement>();
        foreach (var entry in jar.Entries.Where(e => e.FullName.StartsWith("common/message/", StringComparison.Ordinal) && e.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            using var text = new StreamReader(entry.Open());
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            var root = JsonDocument.Parse(text.ReadToEnd(), options).RootElement;
            definitions[root.GetProperty("name").GetString()!] = root;
        }

        return definitions;
    }

    /// <summary>The value of a key as text, whatever its JSON type; null when it is not there.</summary>
    public static string? Text(JsonElement element, string key) => element.TryGetProperty(key, out var value) ? value.ToString() : null;

    /// <summary>Kafka names a few fields in lower case; properties begin with a capital.</summary>
    public static string FieldName(JsonElement field)
    {
        var name = Text(field, "name")!;
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    [GeneratedRegex("^-?[0-9]+$|^0x[0-9a-f]+$")]
    public static partial Regex Number();
}
