using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>get and list.</summary>
internal sealed class ReadEndpoints(ObjectStore store, ListPages pages, ObjectWriter writer)
{
    public Task GetAsync(ApiRequest request) => writer.WriteAsync(request, store.Get(request.Type, request.Namespace, request.Name));

    public async Task ListAsync(ApiRequest request)
    {
        var limit = (int)Math.Clamp(request.Number("limit") ?? 0, 0, int.MaxValue);
        var page = request.Query("continue") is { } token
            ? pages.Continue(token, limit)
            : pages.Begin(store.Snapshot(request.Type, request.Path.Namespace, request.Labels, request.Fields), limit);
        await writer.WriteListAsync(request, page);
    }
}
