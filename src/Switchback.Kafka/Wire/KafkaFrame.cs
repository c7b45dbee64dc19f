using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Wire;

/// <summary>Whole frames: a length of four bytes, the header that goes with the API and version, the body.</summary>
public static class KafkaFrame
{
    /// <summary>Appends a request frame.</summary>
    public static void WriteRequest(WireWriter writer, short apiKey, short version, int correlationId, string? clientId, IKafkaMessage body)
    {
        var start = Begin(writer);
        var header = new RequestHeader { RequestApiKey = apiKey, RequestApiVersion = version, CorrelationId = correlationId, ClientId = clientId };
        header.Write(writer, ApiTable.Get(apiKey).RequestHeaderVersion(version));
        body.Write(writer, version);
        End(writer, start);
    }

    /// <summary>Appends a response frame.</summary>
    public static void WriteResponse(WireWriter writer, short apiKey, short version, int correlationId, IKafkaMessage body)
    {
        var start = Begin(writer);
        new ResponseHeader { CorrelationId = correlationId }.Write(writer, ApiTable.Get(apiKey).ResponseHeaderVersion(version));
        body.Write(writer, version);
        End(writer, start);
    }

    /// <summary>
    /// Reads a request's header from a frame without its length. The header's version follows from the key and version in its first four
    /// bytes; an API key this code does not know is read with header version 1, which every version begins with.
    /// </summary>
    public static RequestHeader ReadRequestHeader(ref WireReader reader, ReadOnlyMemory<byte> frame)
    {
        var peek = new WireReader(frame);
        var key = peek.ReadInt16();
        var version = peek.ReadInt16();
        return RequestHeader.Read(ref reader, ApiTable.TryGet(key, out var info) ? info.RequestHeaderVersion(version) : (short)1);
    }

    private static int Begin(WireWriter writer)
    {
        var start = writer.Position;
        writer.WriteInt32(0);
        return start;
    }

    private static void End(WireWriter writer, int start) => writer.PatchInt32(start, writer.Length - start - 4);
}
