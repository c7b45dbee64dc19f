namespace Switchback.Kafka.Generator.Model;

/// <summary>A named group of fields inside a message.</summary>
internal sealed class Struct
{
    public Struct(string name) => Name = name;

    public string Name { get; }

    /// <summary>The C# class, which differs from the name where C# would see a clash with a property.</summary>
    public string ClassName { get; set; } = "";

    public List<Field> Fields { get; } = new();
}
