namespace Switchback.Kafka.Generator.Parsing;

/// <summary>A schema line that cannot be understood.</summary>
internal sealed class SchemaException : Exception
{
    public SchemaException(int line, string message)
        : base(message) => Line = line;

    /// <summary>The line, counted from zero.</summary>
    public int Line { get; }
}
