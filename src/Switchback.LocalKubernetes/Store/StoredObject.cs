using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>One version of an object with its bytes: written to the journal, to watches and to lists without being serialised again.</summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public StoredObject(JsonObject value)
    {
        Value = value;
        Json = ToJson(value);
        Namespace = value.Namespace();
        Name = value.Name();
        Key = KeyOf(Namespace, Name);
        ControllerUid = value.Controller()?.Text("uid");
    }

    /// <summary>A shared snapshot: never to be changed.</summary>
    public JsonObject Value { get; }

    /// <summary>UTF-8.</summary>
    public byte[] Json { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Key { get; }

    /// <summary>The uid of the owner that controls it; null when nobody does.</summary>
    public string? ControllerUid { get; }

    /// <summary>Sorts as a real server lists: by namespace, then by name.</summary>
    public static string KeyOf(string ns, string name) => ns + "/" + name;

    public static byte[] ToJson(JsonNode value)
    {
        // Writing visits every node, which also ends the lazy reading of a parsed tree: afterwards concurrent readers are safe.
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            value.WriteTo(writer);
        }

        return buffer.ToArray();
    }
}
