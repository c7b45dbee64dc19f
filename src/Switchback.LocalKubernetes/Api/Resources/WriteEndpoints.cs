using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Lifecycle;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>create and update.</summary>
internal sealed class WriteEndpoints(ObjectStore store, ObjectWriter writer, NamespaceContents namespaces)
{
    public async Task CreateAsync(ApiRequest request)
    {
        var item = await RequestBody.ReadObjectAsync(request.Http);
        ObjectReader.Accept(request, item);
        if (request.Type.HasStatus && request.Type != ResourceTypes.Node)
        {
            // The status is there from the beginning, and not the creator's to say.
            item["status"] = new JsonObject();
        }

        var created = store.Create(request.Type, item, request.DryRun);
        if (request.Type == ResourceTypes.Namespace && !request.DryRun)
        {
            // At once, so that a pod in the same file finds its service account.
            namespaces.Ensure(created.Name());
        }

        if (request.Type.KeptOnly)
        {
            ObjectReader.Warn(request, $"the embedded platform keeps a {request.Type.Kind} and patches it, and has no controller that runs pods for it");
        }

        await writer.WriteAsync(request, created, StatusCodes.Status201Created);
    }

    public async Task UpdateAsync(ApiRequest request)
    {
        var item = await RequestBody.ReadObjectAsync(request.Http);
        ObjectReader.Accept(request, item);
        await writer.WriteAsync(request, Store(request, item));
    }

    private JsonObject Store(ApiRequest request, JsonObject item) => request.Path.Subresource == "status"
        ? store.UpdateStatus(request.Type, item, request.DryRun)
        : store.Update(request.Type, item, request.DryRun);
}
