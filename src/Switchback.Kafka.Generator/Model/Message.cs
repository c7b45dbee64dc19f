namespace Switchback.Kafka.Generator.Model;

internal enum MessageKind
{
    Request,
    Response,
    Header,
    Data,
}

/// <summary>A message of the protocol: its fields and every struct in it.</summary>
internal sealed class Message
{
    public Message(MessageKind kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    public MessageKind Kind { get; }

    /// <summary>The name of the API for requests and responses, else of the message.</summary>
    public string Name { get; }

    public int ApiKey { get; set; } = -1;

    public VersionRange Versions { get; set; }

    public VersionRange FlexibleVersions { get; set; }

    public Struct Root { get; } = new("");

    public Dictionary<string, Struct> Structs { get; } = new();

    public string ClassName => Kind switch
    {
        MessageKind.Request => Name + "Request",
        MessageKind.Response => Name + "Response",
        _ => Name,
    };
}
