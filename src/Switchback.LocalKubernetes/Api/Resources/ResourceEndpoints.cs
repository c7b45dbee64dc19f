using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>Finds the endpoint of a request for objects.</summary>
internal sealed class ResourceEndpoints(
    ReadEndpoints reads, WatchEndpoint watches, WriteEndpoints writes, PatchEndpoint patches, DeleteEndpoints deletions, ScaleEndpoint scales, LogEndpoint logs, TokenEndpoint tokens,
    AccessReviewEndpoint reviews)
{
    /// <summary>Subresources that a real server has and this one answers clearly for.</summary>
    public static IReadOnlyList<string> NotOffered { get; } = ["exec", "attach", "portforward", "proxy", "eviction", "binding"];

    public Task ServeAsync(ApiRequest request)
    {
        var type = request.Type;
        var served = request.Path.Subresource is not { } subresource || type.Subresources.Contains(subresource);
        return (request.Path.Subresource, request.Verb) switch
        {
            _ when !served => throw Missing(request),
            ("log", "get") => logs.ServeAsync(request),
            ("scale", _) => scales.ServeAsync(request),
            ("token", "create") => tokens.ServeAsync(request),
            (null, "create") when type.CreateOnly => reviews.ServeAsync(request),
            _ when type.CreateOnly => throw NotAllowed(request),
            (null, "create") when request.Path.Name is null => writes.CreateAsync(request),
            (null or "status", "get") => reads.GetAsync(request),
            (null, "list") => reads.ListAsync(request),
            (null, "watch") => watches.ServeAsync(request),
            (null or "status" or "finalize", "update") when request.Path.Name is not null => writes.UpdateAsync(request),
            (null or "status", "patch") when request.Path.Name is not null => patches.ServeAsync(request),
            (null, "delete") => deletions.DeleteAsync(request),
            (null, "deletecollection") => deletions.DeleteAllAsync(request),
            _ => throw NotAllowed(request),
        };
    }

    private static StatusException NotAllowed(ApiRequest request) =>
        new(405, "MethodNotAllowed", $"the server does not allow this method on the requested resource: {request.Verb} {request.Type.Plural}");

    private static StatusException Missing(ApiRequest request) => NotOffered.Contains(request.Path.Subresource)
        ? new StatusException(501, "NotImplemented", $"the embedded platform does not offer {request.Type.Plural}/{request.Path.Subresource}")
        : new StatusException(404, "NotFound", "the server could not find the requested resource");
}
