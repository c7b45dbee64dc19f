using System.Collections;
using System.Reflection;
using Switchback.Kafka;
using Switchback.Kafka.Wire;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>Messages with something in every field, two elements in every list and an unknown tagged field where the version has them.</summary>
internal static class Filled
{
    public static T Message<T>(bool flexible)
        where T : IKafkaMessage, new() => (T)Fill(new T(), flexible);

    public static object Fill(object message, bool flexible)
    {
        var number = 0;
        foreach (var property in message.GetType().GetProperties().Where(property => property.CanWrite))
        {
            property.SetValue(message, property.Name == "UnknownTags" ? Unknown(flexible) : Value(property.PropertyType, $"{property.Name}-{++number}", number, flexible));
        }

        return message;
    }

    /// <summary>A message with something in every field that a version of it carries.</summary>
    public static IKafkaMessage At(Type type, short version, bool flexible)
    {
        var message = (IKafkaMessage)Activator.CreateInstance(type)!;
        Assert.True(IsWritable(message, version), $"{type.Name} {version} cannot be written empty");
        FillWhatFits(message, () => IsWritable(message, version), flexible);
        return message;
    }

    /// <summary>Everything that a message is made of, itself included.</summary>
    public static IEnumerable<object> PartsOf(object message) =>
        message.GetType().GetProperties().Select(property => property.GetValue(message)).SelectMany(value => value switch
        {
            IList list => list.Cast<object>().Where(IsStructure).SelectMany(PartsOf),
            not null when IsStructure(value) => PartsOf(value),
            _ => [],
        }).Prepend(message);

    private static bool IsStructure(object value) => value.GetType().Namespace == typeof(Kafka.Messages.MetadataResponse).Namespace;

    private static void FillWhatFits(object item, Func<bool> fits, bool flexible)
    {
        var filled = Fill(Activator.CreateInstance(item.GetType())!, flexible);
        foreach (var property in item.GetType().GetProperties().Where(property => property.CanWrite))
        {
            var (before, parts) = (property.GetValue(item), new List<object>());
            var value = property.GetValue(filled);
            if (value is IList list && list.Count > 0 && IsStructure(list[0]!))
            {
                for (var i = 0; i < list.Count; i++)
                {
                    parts.Add(list[i] = Activator.CreateInstance(list[i]!.GetType())!);
                }
            }
            else if (value is not null && IsStructure(value))
            {
                parts.Add(value = Activator.CreateInstance(value.GetType())!);
            }

            property.SetValue(item, value);
            if (!fits())
            {
                property.SetValue(item, before);
                continue;
            }

            parts.ForEach(part => FillWhatFits(part, fits, flexible));
        }
    }

    private static bool IsWritable(IKafkaMessage message, short version)
    {
        using var writer = new WireWriter();
        try
        {
            message.Write(writer, version);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static List<TaggedField>? Unknown(bool flexible) => flexible ? [new TaggedField(50, new byte[] { 1, 2, 3 })] : null;

    private static object? Value(Type type, string text, int number, bool flexible)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(Guid))
        {
            return new Guid(number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        }

        if (type == typeof(ReadOnlyMemory<byte>))
        {
            return new ReadOnlyMemory<byte>([.. Enumerable.Range(0, 300).Select(value => (byte)value)]);
        }

        if (type.IsEnum)
        {
            return Enum.ToObject(type, number);
        }

        if (type.IsPrimitive)
        {
            return type == typeof(bool) ? true : Convert.ChangeType(number, type, System.Globalization.CultureInfo.InvariantCulture);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var list = (IList)Activator.CreateInstance(type)!;
            list.Add(Value(type.GenericTypeArguments[0], text + "a", number, flexible));
            list.Add(Value(type.GenericTypeArguments[0], text + "b", number + 1, flexible));
            return list;
        }

        return Fill(Activator.CreateInstance(type)!, flexible);
    }

    /// <summary>Every message type below a response, itself included.</summary>
    public static IEnumerable<Type> TypesBelow(Type type)
    {
        yield return type;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var inner = property.PropertyType.IsGenericType ? property.PropertyType.GenericTypeArguments[0] : property.PropertyType;
            if (inner.Namespace == type.Namespace && inner != type)
            {
                foreach (var below in TypesBelow(inner))
                {
                    yield return below;
                }
            }
        }
    }
}
