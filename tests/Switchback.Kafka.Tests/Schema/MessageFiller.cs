using System.Collections;
using System.Reflection;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Schema;

/// <summary>Makes instances of generated messages with every field filled at random, as a version allows.</summary>
internal sealed class MessageFiller(Random random)
{
    private const int MaximumElements = 3;

    public static Type ClassOf(Message message) =>
        typeof(KafkaError).Assembly.GetType("Switchback.Kafka.Messages." + message.ClassName, throwOnError: true)!;

    public static Type ClassOf(Message message, Struct item) => item == message.Root ? ClassOf(message) : ClassOf(message).GetNestedType(item.ClassName)!;

    public static PropertyInfo Property(object instance, Field field) => instance.GetType().GetProperty(field.Name)!;

    public IKafkaMessage Fill(Message message, short version) => (IKafkaMessage)Fill(message, message.Root, version);

    private object Fill(Message message, Struct item, short version)
    {
        var instance = Activator.CreateInstance(ClassOf(message, item))!;
        foreach (var field in item.Fields)
        {
            // An ignorable field is filled in versions without it too: it must be left out.
            if (Contains(field.Versions, version) || (field.Ignorable && random.Next(2) == 0))
                Property(instance, field).SetValue(instance, Value(message, field, version));
        }

        if (Contains(message.FlexibleVersions, version) && random.Next(3) == 0)
            instance.GetType().GetProperty("UnknownTags")!.SetValue(instance, new List<TaggedField> { new(1000, Bytes()), new(70_000, Bytes()) });
        return instance;
    }

    private object? Value(Message message, Field field, short version)
    {
        if (Contains(field.NullableVersions, version) && random.Next(4) == 0)
            return null;
        if (!field.Type.IsList)
            return One(message, field.Type, version);
        var element = ElementClass(message, field.Type);
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        for (var count = random.Next(MaximumElements + 1); count > 0; count--)
            list.Add(One(message, field.Type, version));
        return list;
    }

    private static Type ElementClass(Message message, FieldType type) =>
        type.IsStruct ? ClassOf(message, message.Structs[type.Name]) : One(message, type).GetType();

    private static object One(Message message, FieldType type) => new MessageFiller(new Random(0)).One(message, type, 0);

    private object One(Message message, FieldType type, short version) => type.Name switch
    {
        "bool" => random.Next(2) == 0,
        "int8" => (sbyte)random.Next(),
        "int16" => (short)random.Next(),
        "error" => (KafkaError)(short)random.Next(),
        "uint16" => (ushort)random.Next(),
        "int32" => random.Next(int.MinValue, int.MaxValue),
        "uint32" => (uint)random.Next(int.MinValue, int.MaxValue),
        "int64" => random.NextInt64(long.MinValue, long.MaxValue),
        "float64" => random.NextDouble() * 1e9,
        "uuid" => new Guid(Bytes(16)),
        "string" => Text(),
        "bytes" or "records" => (ReadOnlyMemory<byte>)Bytes(),
        _ => Fill(message, message.Structs[type.Name], version),
    };

    private string Text()
    {
        string[] texts = ["", "a", "orders", "Grüße", "日本語", "\U0001F600", new string('x', 200)];
        return texts[random.Next(texts.Length)];
    }

    private byte[] Bytes(int? length = null)
    {
        var bytes = new byte[length ?? random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static bool Contains(VersionRange range, short version) => version >= range.Lowest && version <= range.Highest;
}
