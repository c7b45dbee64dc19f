using System.Buffers.Binary;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Proxy.Relay;

/// <summary>
/// What follows a client's SaslHandshake version 0: tokens with nothing but a length before them, in both directions, until the mechanism is through. How many
/// those are is known by the mechanism only.
/// </summary>
internal static class BareTokens
{
    private const int LengthBytes = 4;

    /// <summary>How many tokens the client sends for the mechanism that its handshake names. Throws <see cref="RelayException"/> where that cannot be known.</summary>
    public static int After(ReadOnlyMemory<byte> handshake)
    {
        var reader = new WireReader(handshake);
        KafkaFrame.ReadRequestHeader(ref reader, handshake);
        var request = SaslHandshakeRequest.Read(ref reader, 0);
        return request.Mechanism switch
        {
            _ when reader.Failed => throw new RelayException("the client sent a malformed SaslHandshake request, version 0"),
            "PLAIN" or "OAUTHBEARER" => 1,
            "SCRAM-SHA-256" or "SCRAM-SHA-512" => 2,
            _ => throw new RelayException($"the client sent SaslHandshake version 0 for {request.Mechanism}: how many tokens follow cannot be known; the proxy offered version 1"),
        };
    }

    /// <summary>Parses the length of a token; false when more bytes are needed. Throws <see cref="RelayException"/> for an impossible one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int maxFrame, out int frameLength)
    {
        frameLength = 0;
        if (bytes.Length < LengthBytes)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(bytes);
        frameLength = size >= 0 && size <= maxFrame ? size + LengthBytes : throw new RelayException($"the client sent a SASL token of {size} bytes");
        return true;
    }
}
