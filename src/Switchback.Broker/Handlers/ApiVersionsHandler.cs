using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>ApiVersions 0-4: the handler table as it is. Left out: feature levels, as no feature of this cluster has any.</summary>
internal sealed class ApiVersionsHandler(Func<IEnumerable<RequestHandler>> handlers) : RequestHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    public override bool BeforeAuthentication => true;

    protected override ValueTask<ApiVersionsResponse?> HandleAsync(ApiVersionsRequest request, RequestContext context)
    {
        var response = new ApiVersionsResponse();
        if (context.Version >= 3 && !(IsName(request.ClientSoftwareName) && IsName(request.ClientSoftwareVersion)))
        {
            response.ErrorCode = KafkaError.InvalidRequest;
            return new(response);
        }

        foreach (var handler in handlers())
            response.ApiKeys.Add(new() { ApiKey = handler.ApiKey, MinVersion = handler.AnnouncedLowestVersion, MaxVersion = handler.HighestVersion });
        return new(response);
    }

    /// <summary>Letters, digits, dots and dashes, beginning and ending with a letter or digit (KIP-511).</summary>
    private static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');
}
