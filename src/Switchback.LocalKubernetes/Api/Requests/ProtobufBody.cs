using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Requests;

/// <summary>
/// Reads Kubernetes' protobuf encoding of an object (media type <c>application/vnd.kubernetes.protobuf</c>): four magic bytes, then a <c>runtime.Unknown</c> with kind and
/// version around the object itself. Some of kubectl's commands send nothing else; answers are JSON, which they take.
/// </summary>
internal static class ProtobufBody
{
    private const int DeepestNesting = 32;

    /// <summary>Type 0, number 0, no text.</summary>
    private static readonly byte[] UnsetIntOrText = [0x08, 0, 0x10, 0, 0x1a, 0];

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="StatusException">400 for bytes that are no such object.</exception>
    public static JsonObject Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw Unreadable("the magic bytes are missing");
        }

        var apiVersion = "";
        var kind = "";
        ReadOnlySpan<byte> raw = [];
        var reader = new ProtobufReader(bytes[Magic.Length..]);
        while (reader.Next(out var field))
        {
            switch (field.Number)
            {
                case 1:
                    var meta = new ProtobufReader(field.Bytes);
                    while (meta.Next(out var part))
                    {
                        (apiVersion, kind) = part.Number switch { 1 => (part.Text, kind), 2 => (apiVersion, part.Text), _ => (apiVersion, kind) };
                    }

                    break;
                case 2:
                    raw = field.Bytes;
                    break;
                default:
                    break;
            }
        }

        var item = new JsonObject();
        if (SchemaCatalogue.ForKind(apiVersion, kind) is { } schema)
        {
            ReadObject(schema, raw, item, DeepestNesting);
        }
        else if (kind == "DeleteOptions")
        {
            ReadDeleteOptions(raw, item);
        }
        else
        {
            throw Unreadable($"no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        }

        item["apiVersion"] = apiVersion;
        item["kind"] = kind;
        return item;
    }

    internal static StatusException Unreadable(string why) => StatusException.BadRequest($"the object provided is unrecognized (must be of type protobuf): {why}");

    private static void ReadObject(SchemaType type, ReadOnlySpan<byte> bytes, JsonObject into, int depth)
    {
        if (depth == 0)
        {
            throw Unreadable("nested too deep");
        }

        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var value))
        {
            if (type.FieldFor(value.Number, 0) is { } field)
            {
                ReadField(field, value, into, depth);
            }
            else if (type.HasInlined(value.Number))
            {
                var inner = new ProtobufReader(value.Bytes);
                while (inner.Next(out var innerValue))
                {
                    if (type.FieldFor(value.Number, innerValue.Number) is { } innerField)
                    {
                        ReadField(innerField, innerValue, into, depth);
                    }
                }
            }
        }
    }

    private static void ReadField(SchemaField field, ProtobufField value, JsonObject into, int depth)
    {
        switch (field.Container)
        {
            case Container.List:
                if (into[field.Name] is not JsonArray list)
                {
                    into[field.Name] = list = [];
                }

                list.Add(ReadValue(field, value, depth));
                break;
            case Container.Map:
                if (into[field.Name] is not JsonObject map)
                {
                    into[field.Name] = map = [];
                }

                var key = "";
                JsonNode? entry = field.Form is ValueForm.Text or ValueForm.Bytes ? "" : null;
                var reader = new ProtobufReader(value.Bytes);
                while (reader.Next(out var part))
                {
                    if (part.Number == 1)
                    {
                        key = part.Text;
                    }
                    else
                    {
                        entry = ReadValue(field, part, depth);
                    }
                }

                map[key] = entry;
                break;
            default:
                if (!IsAbsent(field, value) && ReadValue(field, value, depth) is { } read)
                {
                    into[field.Name] = read;
                }

                break;
        }
    }

    /// <summary>A plain field that was never set comes as an empty string, a zero or a false.</summary>
    private static bool IsAbsent(SchemaField field, ProtobufField value) => field.Form switch
    {
        ValueForm.Text => value.Bytes.IsEmpty,
        ValueForm.Int32 or ValueForm.Int64 or ValueForm.Boolean => value.Varint == 0 && !field.ZeroCounts,
        ValueForm.IntOrText => value.Bytes.SequenceEqual(UnsetIntOrText),
        _ => false,
    };

    private static JsonNode? ReadValue(SchemaField field, ProtobufField value, int depth)
    {
        switch (field.Form)
        {
            case ValueForm.Text:
                return value.Text;
            case ValueForm.Bytes:
                return Convert.ToBase64String(value.Bytes);
            case ValueForm.Boolean:
                return value.Varint != 0;
            case ValueForm.Int32:
                return (long)(int)value.Varint;
            case ValueForm.Int64:
                return (long)value.Varint;
            case ValueForm.Object:
                var child = new JsonObject();
                ReadObject(field.Type!, value.Bytes, child, depth - 1);
                return child;
            case ValueForm.Quantity or ValueForm.IntOrText or ValueForm.Time or ValueForm.MicroTime:
                return ReadMessage(field.Form, value.Bytes);
            default:
                return null;
        }
    }

    /// <summary>Values that are one string or number in JSON and a message of their own here.</summary>
    private static JsonNode? ReadMessage(ValueForm form, ReadOnlySpan<byte> bytes)
    {
        ulong first = 0;
        ulong second = 0;
        var text = "";
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var part))
        {
            switch (part.Number)
            {
                case 1 when form == ValueForm.Quantity:
                    text = part.Text;
                    break;
                case 1:
                    first = part.Varint;
                    break;
                case 2:
                    second = part.Varint;
                    break;
                case 3:
                    text = part.Text;
                    break;
                default:
                    break;
            }
        }

        switch (form)
        {
            case ValueForm.Quantity:
                return text;
            case ValueForm.IntOrText:
                return first == 0 ? (long)(int)second : text;
            default:
                // A zero time is an empty message.
                if (bytes.IsEmpty || (long)first is < -62135596800 or > 253402300799)
                {
                    return null;
                }

                var time = DateTimeOffset.FromUnixTimeSeconds((long)first).AddTicks((long)second / 100);
                return form == ValueForm.Time ? time.ToTimestamp() : time.ToMicroTimestamp();
        }
    }

    private static void ReadDeleteOptions(ReadOnlySpan<byte> bytes, JsonObject into)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Next(out var field))
        {
            switch (field.Number)
            {
                case 1:
                    into["gracePeriodSeconds"] = (long)field.Varint;
                    break;
                case 2:
                    var preconditions = into.Ensure("preconditions");
                    var inner = new ProtobufReader(field.Bytes);
                    while (inner.Next(out var part))
                    {
                        preconditions[part.Number == 1 ? "uid" : "resourceVersion"] = part.Text;
                    }

                    break;
                case 3:
                    into["orphanDependents"] = field.Varint != 0;
                    break;
                case 4:
                    into["propagationPolicy"] = field.Text;
                    break;
                case 5:
                    into["dryRun"] = new JsonArray(field.Text);
                    break;
                default:
                    break;
            }
        }
    }
}

/// <summary>One field of a protobuf message.</summary>
internal readonly ref struct ProtobufField(int number, ulong varint, ReadOnlySpan<byte> bytes)
{
    public int Number { get; } = number;

    public ulong Varint { get; } = varint;

    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>Walks the fields of a protobuf message; every length is checked against what is there.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    public bool Next(out ProtobufField field)
    {
        field = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        var key = ReadVarint();
        var number = (int)(key >> 3);
        switch (key & 7)
        {
            case 0:
                field = new ProtobufField(number, ReadVarint(), []);
                break;
            case 1:
                field = new ProtobufField(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8)), []);
                break;
            case 2:
                field = new ProtobufField(number, 0, Take(ReadVarint()));
                break;
            case 5:
                field = new ProtobufField(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4)), []);
                break;
            default:
                throw ProtobufBody.Unreadable("an unknown wire type");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw ProtobufBody.Unreadable("a number that is too long");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw ProtobufBody.Unreadable("it ends too early");
        }

        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}
