using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Parsing;

/// <summary>
/// Gives each struct its C# class name. Structs become classes nested in their message; where C# forbids the name - the message has a property
/// so named, or the struct itself has - <c>Data</c> is appended.
/// </summary>
internal static class StructNames
{
    public static void Assign(Message message)
    {
        foreach (var item in message.Structs.Values)
        {
            var clash = message.Root.Fields.Any(f => f.Name == item.Name)
                || item.Fields.Any(f => f.Name == item.Name)
                || message.ClassName == item.Name;
            item.ClassName = clash ? item.Name + "Data" : item.Name;
        }
    }
}
