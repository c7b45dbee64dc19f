using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Schemas;

/// <summary>How a value is written in JSON.</summary>
internal enum ValueForm
{
    Text,
    Int32,
    Int64,
    Boolean,

    /// <summary>An amount as a string or a number, for example <c>100m</c>.</summary>
    Quantity,
    IntOrText,
    Time,
    MicroTime,

    /// <summary>Base64.</summary>
    Bytes,

    /// <summary>Whatever comes.</summary>
    Any,

    /// <summary>An object with known fields.</summary>
    Object,
}

internal enum Container
{
    None,
    List,
    Map,
}

/// <summary>One field of a type.</summary>
internal sealed class SchemaField(string name, Container container, ValueForm form, string typeName)
{
    public string Name { get; } = name;

    public Container Container { get; } = container;

    public ValueForm Form { get; } = form;

    /// <summary>The type of the object, or of each in the list or map, where it has known fields.</summary>
    public SchemaType? Type { get; set; }

    /// <summary>The name of <see cref="Type"/>.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>The field's number in protobuf; 0 for a field that protobuf does not have.</summary>
    public int Number { get; init; }

    /// <summary>The number inside the message <see cref="Number"/>, for a field that JSON has one level further up; 0 for others.</summary>
    public int InnerNumber { get; init; }

    /// <summary>Whether a zero or a false is a value of its own. In protobuf the others come as zero when they were never set.</summary>
    public bool ZeroCounts { get; init; }

    public bool Required { get; init; }

    /// <summary>Set where the field is missing.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Taken, stored and shown, and that is all: nothing in the platform acts on it.</summary>
    public bool Kept { get; init; }

    /// <summary>The values that are taken; empty for any.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>The key by which a strategic merge patch matches the objects of a list; null for a list that is replaced as a whole.</summary>
    public string? MergeKey { get; init; }

    /// <summary>A list of plain values that a strategic merge patch adds to.</summary>
    public bool MergedSet { get; init; }

    /// <summary>Whether a strategic merge patch may say which keys remain.</summary>
    public bool RetainKeys { get; init; }
}

/// <summary>The known fields of an object.</summary>
/// <param name="name">Short name, for example <c>PodSpec</c>.</param>
/// <param name="package">Prefix in OpenAPI, for example <c>io.k8s.api.core.v1</c>.</param>
/// <param name="apiVersion">Group and version it belongs to.</param>
internal sealed class SchemaType(string name, string package, string apiVersion)
{
    private readonly Dictionary<(int Number, int Inner), SchemaField> byNumber = [];
    private readonly HashSet<int> inlined = [];

    public string Name { get; } = name;

    public string ApiVersion { get; } = apiVersion;

    public string FullName => package + "." + Name;

    /// <summary>Whether it is a kind with <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>.</summary>
    public bool IsKind { get; init; }

    public Dictionary<string, SchemaField> Fields { get; } = [];

    public void Add(SchemaField field)
    {
        Fields.Add(field.Name, field);
        if (field.Number > 0)
        {
            byNumber.Add((field.Number, field.InnerNumber), field);
        }

        if (field.InnerNumber > 0)
        {
            inlined.Add(field.Number);
        }
    }

    /// <summary>The field of a protobuf number; inner is 0 for a field that is not inlined.</summary>
    public SchemaField? FieldFor(int number, int inner) => byNumber.GetValueOrDefault((number, inner));

    /// <summary>Whether the protobuf field of a number holds fields that JSON has here.</summary>
    public bool HasInlined(int number) => inlined.Contains(number);
}
