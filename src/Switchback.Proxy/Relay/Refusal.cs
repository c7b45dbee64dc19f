using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Proxy.Relay;

/// <summary>A request that may not reach the broker, and what the client gets for it.</summary>
/// <param name="IsForbidden">Forbidden by the user, rather than unknown to the proxy.</param>
/// <param name="ClosesBecause">Set when there is no response to give: the connection closes with this reason.</param>
internal sealed record Refusal(bool IsForbidden, string? ClosesBecause)
{
    private static readonly Refusal Forbidden = new(IsForbidden: true, null);
    private static readonly Refusal UnknownApiVersions = new(IsForbidden: false, null);

    /// <summary>Null when the request may pass.</summary>
    public static Refusal? Of(RequestHead head, IReadOnlySet<short> forbidden)
    {
        if (!ApiTable.TryGet(head.ApiKey, out var api))
        {
            return new Refusal(false, $"the client sent request key {head.ApiKey}, which the proxy does not know and did not offer");
        }

        if (head.Version > api.HighestVersion)
        {
            return head.ApiKey == ApiVersionsRequest.ApiKey
                ? UnknownApiVersions
                : new Refusal(false, $"the client sent {api.Name} version {head.Version}; the proxy offered versions up to {api.HighestVersion}");
        }

        return forbidden.Count > 0 && forbidden.Contains(head.ApiKey) ? Forbidden : null;
    }

    /// <summary>The response frame, length included. Throws <see cref="RelayException"/> when a request that is to be answered in its own way cannot be read.</summary>
    public byte[] Respond(RequestHead head, ReadOnlyMemory<byte> request)
    {
        using var writer = new WireWriter();
        if (!IsForbidden)
        {
            // By KIP-511: version 0, and the versions of ApiVersions itself, so that the client asks again.
            var known = ApiTable.Get(ApiVersionsRequest.ApiKey);
            var response = new ApiVersionsResponse { ErrorCode = KafkaError.UnsupportedVersion };
            response.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = known.Key, MinVersion = known.LowestVersion, MaxVersion = known.HighestVersion });
            KafkaFrame.WriteResponse(writer, head.ApiKey, 0, head.CorrelationId, response);
        }
        else
        {
            KafkaFrame.WriteResponse(writer, head.ApiKey, head.Version, head.CorrelationId, ErrorResponse.To(head.ApiKey, head.Version, Read(head, request), KafkaError.ClusterAuthorizationFailed));
        }

        return writer.Written.ToArray();
    }

    private static IKafkaMessage Read(RequestHead head, ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame);
        KafkaFrame.ReadRequestHeader(ref reader, frame);
        return ApiTable.TryReadRequest(head.ApiKey, ref reader, head.Version, out var request)
            ? request
            : throw new RelayException($"the client sent a malformed {ApiTable.Get(head.ApiKey).Name} request, version {head.Version}");
    }
}
