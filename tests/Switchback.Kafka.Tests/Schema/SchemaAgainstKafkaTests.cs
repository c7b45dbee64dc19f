using System.Globalization;
using System.Text.Json;
using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Tests.Schema;

/// <summary>Every field of our schema against Apache Kafka's definitions: a difference of any kind, or a field too many or too few, fails.</summary>
public class SchemaAgainstKafkaTests
{
    [Fact]
    public void Every_message_is_as_Kafka_defines_it()
    {
        var definitions = KafkaDefinitions.Load();
        var differences = new List<string>();
        foreach (var message in OurSchema.Messages)
        {
            if (definitions.TryGetValue(message.ClassName, out var theirs))
                CompareMessage(message, theirs, differences);
            else
                differences.Add($"{message.ClassName}: Kafka has no such message");
        }

        Assert.Equal([], differences);
        Assert.True(OurSchema.Messages.Count > 150, $"only {OurSchema.Messages.Count} messages in the schema");
    }

    [Fact]
    public void Every_message_a_client_can_send_is_there()
    {
        var ours = OurSchema.Messages.Select(message => message.ClassName).ToHashSet();
        var missing = from definition in KafkaDefinitions.Load()
                      where KafkaDefinitions.Text(definition.Value, "type") == "request"
                      where definition.Value.TryGetProperty("listeners", out var listeners) && listeners.EnumerateArray().Any(l => l.GetString() == "broker")
                      from name in new[] { definition.Key, definition.Key[..^"Request".Length] + "Response" }
                      where !ours.Contains(name)
                      select name;
        Assert.Equal([], missing);
    }

    [Fact]
    public void The_table_of_apis_says_what_the_definitions_say()
    {
        foreach (var (name, definition) in KafkaDefinitions.Load().Where(d => KafkaDefinitions.Text(d.Value, "type") == "request"))
        {
            if (!ApiTable.TryGet(definition.GetProperty("apiKey").GetInt16(), out var info))
                continue;
            Assert.Equal(name, info.Name + "Request");
            var versions = Range(KafkaDefinitions.Text(definition, "validVersions"));
            Assert.Equal((versions.Lowest, versions.Highest), (info.LowestVersion, info.HighestVersion));
            var flexible = Range(KafkaDefinitions.Text(definition, "flexibleVersions"));
            Assert.Equal(flexible.IsEmpty ? short.MaxValue : flexible.Lowest, info.FirstFlexibleVersion);
        }
    }

    private static void CompareMessage(Message ours, JsonElement theirs, List<string> differences)
    {
        // The records of the coordinators' logs: their "key" is that of a kind of record, not of an API.
        var type = KafkaDefinitions.Text(theirs, "type")!.Replace("coordinator-key", "data", StringComparison.Ordinal).Replace("coordinator-value", "data", StringComparison.Ordinal);
        Compare(ours.ClassName, "type", ours.Kind.ToString().ToLowerInvariant(), type, differences);
        if (type != "data")
            Compare(ours.ClassName, "key", ours.ApiKey, theirs.TryGetProperty("apiKey", out var key) ? key.GetInt32() : -1, differences);
        Compare(ours.ClassName, "versions", ours.Versions, Range(KafkaDefinitions.Text(theirs, "validVersions")), differences);
        Compare(ours.ClassName, "flexible", ours.FlexibleVersions, Range(KafkaDefinitions.Text(theirs, "flexibleVersions")), differences);
        var shared = theirs.TryGetProperty("commonStructs", out var structs)
            ? structs.EnumerateArray().ToDictionary(s => KafkaDefinitions.Text(s, "name")!, s => s.GetProperty("fields"))
            : [];
        var seen = new HashSet<string>();
        CompareFields(ours, ours.Root, ours.ClassName, theirs.GetProperty("fields"), shared, seen, differences);
        foreach (var extra in ours.Structs.Keys.Except(seen))
            differences.Add($"{ours.ClassName}: struct {extra} is not Kafka's");
    }

    private static void CompareFields(
        Message message, Struct ours, string path, JsonElement theirs, Dictionary<string, JsonElement> shared, HashSet<string> seen, List<string> differences)
    {
        var names = theirs.EnumerateArray().Select(KafkaDefinitions.FieldName).ToList();
        // The order is compared too: it is the order on the wire.
        Compare(path, "fields", string.Join(' ', ours.Fields.Select(f => f.Name)), string.Join(' ', names), differences);
        foreach (var definition in theirs.EnumerateArray())
        {
            var field = ours.Fields.Find(f => f.Name == KafkaDefinitions.FieldName(definition));
            if (field is null)
                continue;
            var fieldPath = path + "." + field.Name;
            CompareField(message, field, fieldPath, definition, differences);
            if (!field.Type.IsStruct || !seen.Add(field.Type.Name))
                continue;
            var fields = definition.TryGetProperty("fields", out var own) ? own : shared[field.Type.Name];
            CompareFields(message, message.Structs[field.Type.Name], fieldPath, fields, shared, seen, differences);
        }
    }

    private static void CompareField(Message message, Field ours, string path, JsonElement theirs, List<string> differences)
    {
        // The coordinators' records write "0" for what has only ever had one version, where we leave "all" out.
        var valid = message.Kind == MessageKind.Data ? message.Versions : VersionRange.All;
        var type = (ours.Type.IsList ? "[]" : "") + (ours.Type.Name == "error" ? "int16" : ours.Type.Name);
        Compare(path, "type", type, KafkaDefinitions.Text(theirs, "type"), differences);
        // A tagged field may leave its versions out: they are those of its tag.
        var versions = theirs.TryGetProperty("versions", out _) ? "versions" : "taggedVersions";
        CompareRange(path, "versions", ours.Versions, theirs, versions, valid, differences);
        CompareRange(path, "nullable", ours.NullableVersions, theirs, "nullableVersions", valid, differences);
        Compare(path, "tag", ours.Tag?.ToString(CultureInfo.InvariantCulture), KafkaDefinitions.Text(theirs, "tag"), differences);
        if (KafkaDefinitions.Text(theirs, "taggedVersions") is { } tagged)
            Compare(path, "tagged versions", ours.Versions, Range(tagged), differences);
        Compare(path, "ignorable", ours.Ignorable, string.Equals(KafkaDefinitions.Text(theirs, "ignorable"), "true", StringComparison.OrdinalIgnoreCase), differences);
        Compare(path, "inflexible", ours.Inflexible, KafkaDefinitions.Text(theirs, "flexibleVersions") == "none", differences);
        Compare(path, "default", Default(ours.Default), Default(KafkaDefinitions.Text(theirs, "default")), differences);
    }

    private static void CompareRange(
        string path, string what, VersionRange ours, JsonElement theirs, string key, VersionRange valid, List<string> differences)
    {
        var expected = Range(KafkaDefinitions.Text(theirs, key)).Intersect(valid);
        var actual = ours.Intersect(valid);
        if (!(actual.IsEmpty && expected.IsEmpty))
            Compare(path, what, $"{actual.Lowest}-{actual.Highest}", $"{expected.Lowest}-{expected.Highest}", differences);
    }

    private static void Compare<T>(string path, string what, T ours, T theirs, List<string> differences)
    {
        if (!EqualityComparer<T>.Default.Equals(ours, theirs))
            differences.Add($"{path}: {what} is {ours}, Kafka's is {theirs}");
    }

    private static VersionRange Range(string? text) =>
        VersionRange.TryParse(text ?? "none", out var range) ? range : throw new FormatException($"not a version range: {text}");

    // Absent, zero, false and the empty string are the same default: the type's own.
    private static string Default(string? text)
    {
        text = (text ?? "").ToLowerInvariant();
        if (!KafkaDefinitions.Number().IsMatch(text))
            return text is "false" ? "" : text;
        var number = text.StartsWith("0x", StringComparison.Ordinal)
            ? Convert.ToInt64(text, 16)
            : long.Parse(text, CultureInfo.InvariantCulture);
        return number == 0 ? "" : number.ToString(CultureInfo.InvariantCulture);
    }
}
