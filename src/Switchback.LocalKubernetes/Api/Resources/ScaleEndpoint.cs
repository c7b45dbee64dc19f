using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>The <c>scale</c> of a workload: its number of replicas in a form that is the same for every kind.</summary>
internal sealed class ScaleEndpoint(ObjectStore store)
{
    private static readonly SchemaType Schema = SchemaCatalogue.ForKind("autoscaling/v1", "Scale")!;

    public async Task ServeAsync(ApiRequest request)
    {
        var present = store.Get(request.Type, request.Namespace, request.Name);
        var wished = request.Verb switch
        {
            "get" => null,
            "update" => await RequestBody.ReadObjectAsync(request.Http),
            "patch" => (await PatchEndpoint.ReadAsync(request))(ScaleOf(present), Schema),
            _ => throw new StatusException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        };
        if (wished is not null)
        {
            ObjectReader.Decode(request, Schema, wished);
            present = Apply(request, wished);
        }

        await ApiResponse.WriteAsync(request.Http, ScaleOf(present), StatusCodes.Status200OK);
    }

    private static JsonObject ScaleOf(JsonObject workload)
    {
        var metadata = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[field] = workload.Text("metadata", field);
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = workload.Number("spec", "replicas") ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = workload.Number("status", "replicas") ?? 0,
                ["selector"] = string.Join(',', (workload.Object("spec", "selector", "matchLabels") ?? []).Select(label => $"{label.Key}={label.Value}")),
            },
        };
    }

    private JsonObject Apply(ApiRequest request, JsonObject wished)
    {
        var known = wished.Text("metadata", "resourceVersion");
        var replicas = wished.Number("spec", "replicas") ?? 0;
        if (request.DryRun)
        {
            var copy = (JsonObject)store.Get(request.Type, request.Namespace, request.Name).DeepClone();
            copy.Ensure("spec")["replicas"] = replicas;
            return store.Update(request.Type, copy, dryRun: true);
        }

        return store.Mutate(request.Type, request.Namespace, request.Name, workload =>
        {
            if (!string.IsNullOrEmpty(known) && request.Verb == "update" && known != workload.Text("metadata", "resourceVersion"))
            {
                throw StatusException.Stale(request.Type, request.Name);
            }

            workload.Ensure("spec")["replicas"] = replicas;
            return true;
        }) ?? throw StatusException.NotFound(request.Type, request.Name);
    }
}
