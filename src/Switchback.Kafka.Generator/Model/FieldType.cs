namespace Switchback.Kafka.Generator.Model;

/// <summary>The type of a field without its nullability: a primitive, a struct, or a list of either.</summary>
internal sealed class FieldType
{
    private static readonly Dictionary<string, (string ClrName, string Accessor, int Size)> Fixed = new()
    {
        ["bool"] = ("bool", "Bool", 1),
        ["int8"] = ("sbyte", "Int8", 1),
        ["int16"] = ("short", "Int16", 2),
        ["uint16"] = ("ushort", "UInt16", 2),
        ["int32"] = ("int", "Int32", 4),
        ["uint32"] = ("uint", "UInt32", 4),
        ["int64"] = ("long", "Int64", 8),
        ["float64"] = ("double", "Float64", 8),
        ["uuid"] = ("System.Guid", "Uuid", 16),
        ["error"] = ("Switchback.Kafka.KafkaError", "Error", 2),
    };

    public FieldType(string name, bool isList)
    {
        Name = name;
        IsList = isList;
    }

    /// <summary>The schema's name of the type, of the element for a list.</summary>
    public string Name { get; }

    public bool IsList { get; }

    public bool IsStruct => char.IsUpper(Name[0]);

    public bool IsFixedSize => Fixed.ContainsKey(Name);

    public bool IsString => Name == "string";

    public bool IsBytes => Name is "bytes" or "records";

    public bool IsKnown => IsStruct || IsFixedSize || IsString || IsBytes;

    /// <summary>Size in bytes of a fixed-size primitive.</summary>
    public int FixedSize => Fixed[Name].Size;

    /// <summary>The suffix of the reader's and writer's method for a fixed-size primitive.</summary>
    public string Accessor => Fixed[Name].Accessor;

    /// <summary>The C# type of one element; a struct's own name is supplied by the message.</summary>
    public string ElementClrName => IsString ? "string" : IsBytes ? "System.ReadOnlyMemory<byte>" : Fixed[Name].ClrName;
}
