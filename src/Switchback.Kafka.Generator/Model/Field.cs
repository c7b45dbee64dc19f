namespace Switchback.Kafka.Generator.Model;

/// <summary>One line of a schema: a field of a message or of a struct.</summary>
internal sealed class Field
{
    public Field(string name, FieldType type)
    {
        Name = name;
        Type = type;
    }

    public string Name { get; }

    public FieldType Type { get; }

    public VersionRange Versions { get; set; } = VersionRange.All;

    public VersionRange NullableVersions { get; set; } = VersionRange.None;

    /// <summary>The tag number, or null for a field at a fixed place.</summary>
    public int? Tag { get; set; }

    /// <summary>Whether a value is silently left out of a version that lacks the field.</summary>
    public bool Ignorable { get; set; }

    /// <summary>Whether the old length form is used in flexible versions too (the request header's client id).</summary>
    public bool Inflexible { get; set; }

    /// <summary>The default as written in the schema, or null for the type's zero.</summary>
    public string? Default { get; set; }

    public bool IsNullable => !NullableVersions.IsEmpty;
}
