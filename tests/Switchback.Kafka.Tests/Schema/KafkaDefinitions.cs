using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Switchback.Kafka.Tests.Schema;

/// <summary>Apache Kafka's own message definitions, from the jars of its clients and of its coordinators.</summary>
internal static partial class KafkaDefinitions
{
    /// <summary>The definitions by message name; the calling test is skipped where Kafka is not there.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Load()
    {
        var definitions = new Dictionary<string, JsonElement>();
        foreach (var jar in new[] { "kafka-clients", "kafka-group-coordinator", "kafka-transaction-coordinator" })
            AddDefinitions(ApacheKafka.Jar(jar), definitions);
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

    private static void AddDefinitions(string jar, Dictionary<string, JsonElement> definitions)
    {
        using var archive = ZipFile.OpenRead(jar);
        foreach (var entry in archive.Entries)
        {
            if (!entry.FullName.StartsWith("common/message/", StringComparison.Ordinal) || !entry.Name.EndsWith(".json", StringComparison.Ordinal))
                continue;
            using var text = new StreamReader(entry.Open());
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            var root = JsonDocument.Parse(text.ReadToEnd(), options).RootElement;
            definitions[root.GetProperty("name").GetString()!] = root;
        }
    }

    [GeneratedRegex("^-?[0-9]+$|^0x[0-9a-f]+$")]
    public static partial Regex Number();
}
