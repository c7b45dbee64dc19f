using System.Reflection;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Generator.Parsing;

namespace Switchback.Kafka.Tests.Schema;

/// <summary>The schema files the product was generated from, parsed.</summary>
internal static class OurSchema
{
    public static IReadOnlyList<Message> Messages { get; } = Load();

    public static Message Get(string className) => Messages.Single(message => message.ClassName == className);

    private static List<Message> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var messages = new List<Message>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".kafka", StringComparison.Ordinal)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            messages.AddRange(SchemaParser.Parse(reader.ReadToEnd()));
        }

        return messages;
    }
}
