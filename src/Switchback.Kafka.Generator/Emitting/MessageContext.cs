using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Emitting;

/// <summary>What every emitter of one message asks: C# names, version conditions, least sizes.</summary>
internal sealed class MessageContext
{
    public MessageContext(Message message) => Message = message;

    public Message Message { get; }

    public VersionRange Flexible => Message.FlexibleVersions.Intersect(Message.Versions);

    public bool HasFlexible => !Flexible.IsEmpty;

    /// <summary>A C# condition on <c>version</c>: null when it always holds, <c>false</c> when it never does.</summary>
    public string? Condition(VersionRange range)
    {
        var valid = Message.Versions;
        if (range.Covers(valid))
            return null;
        var both = range.Intersect(valid);
        if (both.IsEmpty)
            return "false";
        if (both.Lowest == valid.Lowest)
            return $"version <= {both.Highest}";
        return both.Highest == valid.Highest ? $"version >= {both.Lowest}" : $"version is >= {both.Lowest} and <= {both.Highest}";
    }

    public string ElementClr(FieldType type) => type.IsStruct ? Message.Structs[type.Name].ClassName : type.ElementClrName;

    public string PropertyClr(Field field)
    {
        var element = ElementClr(field.Type);
        var clr = field.Type.IsList ? $"System.Collections.Generic.List<{element}>" : element;
        return field.IsNullable ? clr + "?" : clr;
    }

    /// <summary>The fewest bytes one value of a list's element takes in any version: what bounds a declared count.</summary>
    public int LeastElementSize(FieldType type)
    {
        if (type.IsFixedSize)
            return type.FixedSize;
        if (type.IsStruct)
            return System.Math.Max(1, LeastSize(Message.Structs[type.Name]));
        return HasFlexible ? 1 : type.IsString ? 2 : 4;
    }

    private int LeastSize(Struct item)
    {
        var always = item.Fields.Where(f => f.Tag is null && f.Versions.Covers(Message.Versions));
        var tagCount = Flexible.Covers(Message.Versions) ? 1 : 0;
        return tagCount + always.Sum(f => f.Type.IsList ? (HasFlexible ? 1 : 4) : f.Type.IsStruct && f.IsNullable ? 1 : LeastElementSize(f.Type));
    }
}
