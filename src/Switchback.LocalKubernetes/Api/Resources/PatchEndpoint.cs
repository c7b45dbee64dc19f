using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Api.Patching;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>patch: JSON, merge and strategic merge patches.</summary>
internal sealed class PatchEndpoint(ObjectStore store, ObjectWriter writer)
{
    /// <summary>How often a patch that names no version is applied anew when somebody else was faster.</summary>
    private const int Attempts = 20;

    public async Task ServeAsync(ApiRequest request)
    {
        var patch = await ReadAsync(request);
        await writer.WriteAsync(request, Apply(request, patch));
    }

    /// <summary>Reads the patch of a request: a function from the present state to the wished one.</summary>
    /// <exception cref="StatusException">400 or 415.</exception>
    public static async Task<Func<JsonObject, SchemaType, JsonObject>> ReadAsync(ApiRequest request)
    {
        var mediaType = RequestBody.MediaType(request.Http);
        if (mediaType == "application/apply-patch+yaml")
        {
            throw new StatusException(
                415, "UnsupportedMediaType", "server-side apply is not offered by the embedded platform: use kubectl apply without --server-side");
        }

        var body = await RequestBody.ReadAsync(request.Http);
        return (mediaType, body) switch
        {
            ("application/json-patch+json", JsonArray operations) => (item, _) => JsonPatch.Apply(item, operations),
            ("application/merge-patch+json", JsonObject patch) => (item, _) => MergePatch.Apply(item, patch),
            ("application/strategic-merge-patch+json", JsonObject patch) => (item, schema) => StrategicMergePatch.Apply(item, patch, schema),
            ("application/json-patch+json" or "application/merge-patch+json" or "application/strategic-merge-patch+json", _) =>
                throw StatusException.BadRequest("error decoding patch: the body is not a patch of this type"),
            _ => throw new StatusException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, " +
                "application/strategic-merge-patch+json"),
        };
    }

    private JsonObject Apply(ApiRequest request, Func<JsonObject, SchemaType, JsonObject> patch)
    {
        var schema = SchemaCatalogue.ForKind(request.Type.ApiVersion, request.Type.Kind)!;
        for (var attempt = 1; ; attempt++)
        {
            var present = store.Get(request.Type, request.Namespace, request.Name);
            var patched = patch((JsonObject)present.DeepClone(), schema);
            ObjectReader.Accept(request, patched);
            try
            {
                return request.Path.Subresource == "status"
                    ? store.UpdateStatus(request.Type, patched, request.DryRun)
                    : store.Update(request.Type, patched, request.DryRun);
            }
            catch (StatusException conflict) when (
                conflict.Reason == "Conflict" && attempt < Attempts && patched.ResourceVersion() == present.ResourceVersion())
            {
                // The patch did not ask for that version: it is meant for whatever is there.
            }
        }
    }
}
