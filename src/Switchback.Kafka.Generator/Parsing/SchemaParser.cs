using System.Globalization;
using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Parsing;

/// <summary>Reads one <c>.kafka</c> file: message headings at the margin, fields below them by two spaces a level.</summary>
internal static class SchemaParser
{
    public static List<Message> Parse(string text)
    {
        var messages = new List<Message>();
        // The struct that takes fields at each depth; depth 1 is the message itself.
        var owners = new List<Struct?>();
        var lines = text.Replace("\r", "").Split('\n');
        for (var number = 0; number < lines.Length; number++)
        {
            var line = lines[number].TrimEnd();
            var content = line.TrimStart(' ');
            if (content.Length == 0 || content[0] == '#')
                continue;
            var indent = line.Length - content.Length;
            var depth = indent / 2;
            if (indent % 2 != 0 || depth > owners.Count)
                throw new SchemaException(number, "indentation must be two spaces a level");
            if (depth == 0)
            {
                var message = MessageLine.Parse(content, number);
                messages.Add(message);
                owners = new List<Struct?> { message.Root };
                continue;
            }

            owners.RemoveRange(depth, owners.Count - depth);
            var owner = owners[depth - 1] ?? throw new SchemaException(number, "only a field of a struct type has fields below it");
            owners.Add(AddLine(messages[messages.Count - 1], owner, content, depth, number));
        }

        foreach (var message in messages)
            StructNames.Assign(message);
        return messages;
    }

    private static Struct? AddLine(Message message, Struct owner, string content, int depth, int number)
    {
        if (content.StartsWith("struct ", StringComparison.Ordinal))
        {
            if (depth != 1)
                throw new SchemaException(number, "a shared struct stands directly below its message");
            return GetStruct(message, content.Substring(7).Trim());
        }

        var field = FieldLine.Parse(content, number);
        if (owner.Fields.Exists(other => other.Name == field.Name))
            throw new SchemaException(number, string.Format(CultureInfo.InvariantCulture, "field {0} is there twice", field.Name));
        owner.Fields.Add(field);
        return field.Type.IsStruct ? GetStruct(message, field.Type.Name) : null;
    }

    private static Struct GetStruct(Message message, string name)
    {
        if (!message.Structs.TryGetValue(name, out var found))
            message.Structs[name] = found = new Struct(name);
        return found;
    }
}
