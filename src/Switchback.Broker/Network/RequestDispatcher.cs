using System.Buffers.Binary;
using Switchback.Broker.Security;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Network;

/// <summary>Finds the handler for a request. Its table is also what ApiVersions announces: there is no second list.</summary>
internal sealed class RequestDispatcher
{
    private const short ApiVersionsKey = ApiVersionsRequest.ApiKey;
    private readonly Dictionary<short, RequestHandler> _handlers;

    public RequestDispatcher(IEnumerable<RequestHandler> handlers) => _handlers = handlers.ToDictionary(h => h.ApiKey);

    public IEnumerable<RequestHandler> Handlers => _handlers.Values.OrderBy(h => h.ApiKey);

    /// <summary>Writes the answer to a frame; nothing where the request wants none.</summary>
    /// <exception cref="InvalidDataException">The request cannot be answered in any form the client would understand; the connection is to be closed.</exception>
    public async ValueTask AnswerAsync(Memory<byte> frame, ConnectionSession session, Response response, CancellationToken stopping)
    {
        if (session is { BareTokens: true, State: AuthenticationState.Exchanging })
        {
            AnswerBareToken(frame, session, response.Writer);
            return;
        }

        var (header, body) = Split(frame);
        var (key, version) = (header.RequestApiKey, header.RequestApiVersion);
        if (session.State == AuthenticationState.Exchanging && key != SaslAuthenticateRequest.ApiKey)
        {
            // Said before the connection ends, as Apache Kafka does.
            session.State = AuthenticationState.Failed;
            KafkaFrame.WriteResponse(response.Writer, key, version, header.CorrelationId, OutOfTurn(header, body));
            return;
        }

        if (!_handlers.TryGetValue(key, out var handler))
            throw new InvalidDataException($"API {key} is not served");
        if (session.State != AuthenticationState.Authenticated && !handler.BeforeAuthentication)
            throw new InvalidDataException($"API {key} was asked for before the client logged in");
        if (session is { State: AuthenticationState.Authenticated, Login.IsOver: true } && key != SaslHandshakeRequest.ApiKey)
            throw new InvalidDataException($"API {key} was asked for when the login had lasted connections.max.reauth.ms");
        if (version < handler.LowestVersion || version > handler.HighestVersion)
        {
            if (key != ApiVersionsKey)
                throw new InvalidDataException($"version {version} of API {key} is not served; {handler.LowestVersion} to {handler.HighestVersion} are");
            KafkaFrame.WriteResponse(response.Writer, key, 0, header.CorrelationId, VersionRefusal(handler));
            return;
        }

        var context = new RequestContext(session, version, header.ClientId, response, stopping);
        if (await handler.AnswerAsync(body, context) is { } answer)
            KafkaFrame.WriteResponse(response.Writer, key, version, header.CorrelationId, answer);
    }

    private static (RequestHeader Header, ReadOnlyMemory<byte> Body) Split(Memory<byte> frame)
    {
        // The header of an unknown version of ApiVersions is read only as far as every version has it (KIP-511).
        if (frame.Length >= 8 && BinaryPrimitives.ReadInt16BigEndian(frame.Span) == ApiVersionsKey
            && BinaryPrimitives.ReadInt16BigEndian(frame.Span[2..]) is var version && (version < 0 || version > ApiVersionsRequest.HighestVersion))
        {
            var correlation = BinaryPrimitives.ReadInt32BigEndian(frame.Span[4..]);
            return (new RequestHeader { RequestApiKey = ApiVersionsKey, RequestApiVersion = version, CorrelationId = correlation }, default);
        }

        var reader = new WireReader(frame);
        var header = KafkaFrame.ReadRequestHeader(ref reader, frame);
        reader.ThrowIfFailed();
        return (header, frame[reader.Position..]);
    }

    private static IKafkaMessage OutOfTurn(RequestHeader header, ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body);
        return ApiTable.TryReadRequest(header.RequestApiKey, ref reader, header.RequestApiVersion, out var request)
            ? ErrorResponse.To(header.RequestApiKey, header.RequestApiVersion, request, KafkaError.IllegalSaslState)
            : throw new InvalidDataException($"API {header.RequestApiKey} was asked for in the middle of a login, in a way that cannot be read");
    }

    private static ApiVersionsResponse VersionRefusal(RequestHandler handler) => new()
    {
        ErrorCode = KafkaError.UnsupportedVersion,
        ApiKeys = [new() { ApiKey = handler.ApiKey, MinVersion = handler.LowestVersion, MaxVersion = handler.HighestVersion }],
    };

    private static void AnswerBareToken(Memory<byte> token, ConnectionSession session, WireWriter response)
    {
        var result = session.Take(token.Span);
        if (session.State == AuthenticationState.Failed)
            return;
        response.WriteInt32(result.Token.Length);
        response.WriteRaw(result.Token);
    }
}
