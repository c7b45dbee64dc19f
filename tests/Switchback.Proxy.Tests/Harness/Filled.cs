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
