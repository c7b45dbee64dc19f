using System.Buffers.Binary;
using Switchback.Kafka;

namespace Switchback.Proxy.Relay;

/// <summary>What the proxy reads of every request: the first bytes, and of a Produce also <c>acks</c>, which tells whether there will be a response.</summary>
internal readonly record struct RequestHead(int Size, short ApiKey, short Version, int CorrelationId, bool IsAnswered)
{
    public const short Produce = 0;

    /// <summary>A TLS record of a handshake, versions 3.0 to 3.3, read as a length: no request is of just that size.</summary>
    private const int TlsHandshake = 0x16030000;

    private const int FixedLength = 4 + 2 + 2 + 4;

    /// <summary>Parses the beginning of a frame; false when more bytes are needed. Throws <see cref="RelayException"/> when it is no request.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int maxFrame, bool acksZeroNeverUsed, out RequestHead head)
    {
        head = default;
        if (bytes.Length < FixedLength)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (size is >= TlsHandshake and < TlsHandshake + 0x400)
        {
            throw new RelayException("the client speaks TLS, and this listener does not (--proxy-listener-tls-enable)");
        }

        if (size < FixedLength - 4 || size > maxFrame)
        {
            throw new RelayException($"the client sent a frame of {size} bytes; from {FixedLength - 4} to {maxFrame} are possible");
        }

        var key = BinaryPrimitives.ReadInt16BigEndian(bytes[4..]);
        var version = BinaryPrimitives.ReadInt16BigEndian(bytes[6..]);
        if (key < 0 || version < 0)
        {
            throw new RelayException($"the client sent a request of key {key}, version {version}");
        }

        var answered = true;
        if (key == Produce && !acksZeroNeverUsed && !TryParseAcks(bytes[..Math.Min(bytes.Length, size + 4)], size + 4, version, out answered))
        {
            return false;
        }

        head = new RequestHead(size, key, version, BinaryPrimitives.ReadInt32BigEndian(bytes[8..]), answered);
        return true;
    }

    private static bool TryParseAcks(ReadOnlySpan<byte> bytes, int frameLength, short version, out bool answered)
    {
        answered = true;
        var at = FixedLength;
        var flexible = version >= ApiTable.Get(Produce).FirstFlexibleVersion;
        var complete = TrySkipString(bytes, ref at)
            && (!flexible || TrySkipTags(bytes, ref at))
            && (version < 3 || (flexible ? TrySkipCompact(bytes, ref at) : TrySkipString(bytes, ref at)))
            && at + 2 <= bytes.Length;
        if (!complete)
        {
            return bytes.Length < frameLength ? false : throw new RelayException("the client sent a truncated Produce request");
        }

        answered = BinaryPrimitives.ReadInt16BigEndian(bytes[at..]) != 0;
        return true;
    }

    private static bool TrySkipString(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (at + 2 > bytes.Length)
        {
            return false;
        }

        at += 2 + Math.Max((int)BinaryPrimitives.ReadInt16BigEndian(bytes[at..]), 0);
        return at <= bytes.Length;
    }

    private static bool TrySkipCompact(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (!Varint.TryRead(bytes, ref at, out var length) || length > int.MaxValue / 2)
        {
            return false;
        }

        at += (int)Math.Max(length, 1) - 1;
        return at <= bytes.Length;
    }

    private static bool TrySkipTags(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (!Varint.TryRead(bytes, ref at, out var count))
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (!Varint.TryRead(bytes, ref at, out _) || !Varint.TryRead(bytes, ref at, out var size) || size > (uint)(bytes.Length - at))
            {
                return false;
            }

            at += (int)size;
        }

        return true;
    }
}
