using Switchback.Kafka.Wire;
using Switchback.Proxy.Relay;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// Overwrites the node endpoints at the end of a response with local ones at equal length, because the frame's length has long been sent. Where the local
/// addresses are shorter, an unknown tagged field fills the rest; where they are longer, the endpoints are left out, and the client asks for
/// Metadata as it would have done before there were endpoints (KIP-951).
/// </summary>
internal static class EndpointTail
{
    // Kafka numbers its tagged fields from 0; the filler comes after every one, and readers skip what they do not know (KIP-482).
    private static readonly uint[] FillerTags = [100, 1000];

    /// <summary>Overwrites the tail. Throws <see cref="RelayException"/> when it is malformed.</summary>
    public static void Overwrite(Memory<byte> tail, bool tagged, UpstreamIdentity identity)
    {
        if (tagged && tail.Length == 1 && tail.Span[0] == 0)
        {
            return;
        }

        var reader = new WireReader(tail);
        var endpoints = tagged ? [] : ReadEndpoints(ref reader);
        var tags = ReadTags(ref reader, tagged, ref endpoints);
        if (reader.Failed || reader.Remaining > 0)
        {
            throw new RelayException($"the broker's response ends malformed: {reader.Failure ?? "bytes are left"}");
        }

        if (endpoints.Count == 0)
        {
            return;
        }

        foreach (var endpoint in endpoints)
        {
            (endpoint.Host, endpoint.Port) = identity.Address(endpoint.NodeId, endpoint.Host, endpoint.Port);
        }

        using var writer = new WireWriter(tail.Length + 256);
        if (!TryWrite(writer, tail.Length, tagged, endpoints, tags) && !TryWrite(writer, tail.Length, tagged, [], tags))
        {
            throw new RelayException("the node endpoints of a response cannot be overwritten");
        }

        writer.Written.Span.CopyTo(tail.Span);
    }

    private static List<Endpoint> ReadEndpoints(ref WireReader reader)
    {
        const int LeastEndpoint = 11;
        var endpoints = new List<Endpoint>();
        for (var left = reader.ReadCount(flexible: true, nullable: false, LeastEndpoint); left > 0 && !reader.Failed; left--)
        {
            endpoints.Add(new Endpoint
            {
                NodeId = reader.ReadInt32(),
                Host = reader.ReadString(flexible: true),
                Port = reader.ReadInt32(),
                Rack = reader.ReadNullableString(flexible: true),
            });
            reader.SkipTags();
        }

        return endpoints;
    }

    private static List<TaggedField> ReadTags(ref WireReader reader, bool tagged, ref List<Endpoint> endpoints)
    {
        var tags = new List<TaggedField>();
        for (var left = reader.ReadTagCount(); left > 0 && !reader.Failed; left--)
        {
            var tag = reader.ReadUnsignedVarint();
            var end = reader.ReadTagEnd();
            if (tagged && tag == 0)
            {
                endpoints = ReadEndpoints(ref reader);
                reader.ExpectTagEnd(end);
            }
            else
            {
                tags.Add(reader.ReadUnknownTag(tag, end));
            }
        }

        return tags;
    }

    private static bool TryWrite(WireWriter writer, int length, bool tagged, List<Endpoint> endpoints, List<TaggedField> tags)
    {
        Write(writer, tagged, endpoints, tags, null);
        var missing = length - writer.Position;
        if (missing == 0)
        {
            return true;
        }

        foreach (var tag in FillerTags)
        {
            // What the filler takes beside its bytes: its tag and its size.
            for (var overhead = WireWriter.UnsignedVarintSize(tag) + 1; overhead <= missing && overhead <= 7; overhead++)
            {
                Write(writer, tagged, endpoints, tags, new TaggedField(tag, new byte[missing - overhead]));
                if (writer.Position == length)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static void Write(WireWriter writer, bool tagged, List<Endpoint> endpoints, List<TaggedField> tags, TaggedField? filler)
    {
        writer.Reset();
        if (!tagged)
        {
            WriteEndpoints(writer, endpoints);
        }

        var withEndpoints = tagged && endpoints.Count > 0;
        writer.WriteUnsignedVarint((uint)(tags.Count + (withEndpoints ? 1 : 0) + (filler is null ? 0 : 1)));
        if (withEndpoints)
        {
            writer.WriteUnsignedVarint(0);
            var start = writer.Position;
            WriteEndpoints(writer, endpoints);
            writer.InsertLength(start);
        }

        var next = 0;
        writer.WriteUnknownTags(tags, ref next, uint.MaxValue);
        if (filler is { } field)
        {
            next = 0;
            writer.WriteUnknownTags([field], ref next, uint.MaxValue);
        }
    }

    private static void WriteEndpoints(WireWriter writer, List<Endpoint> endpoints)
    {
        writer.WriteCount(endpoints.Count, flexible: true);
        foreach (var endpoint in endpoints)
        {
            writer.WriteInt32(endpoint.NodeId);
            writer.WriteString(endpoint.Host, flexible: true);
            writer.WriteInt32(endpoint.Port);
            writer.WriteNullableString(endpoint.Rack, flexible: true);
            writer.WriteUnsignedVarint(0);
        }
    }

    private sealed class Endpoint
    {
        public required int NodeId { get; init; }

        public required string Host { get; set; }

        public required int Port { get; set; }

        public required string? Rack { get; init; }
    }
}
