using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>delete and deletecollection.</summary>
internal sealed class DeleteEndpoints(ObjectStore store, ObjectWriter writer)
{
    public async Task DeleteAsync(ApiRequest request)
    {
        var (last, gone) = store.Delete(request.Type, request.Namespace, request.Name, await ReadOptionsAsync(request));
        if (!gone || request.Type == ResourceTypes.Pod)
        {
            await writer.WriteAsync(request, last);
            return;
        }

        var details = new JsonObject { ["name"] = request.Name };
        if (request.Type.Group.Length > 0)
        {
            details["group"] = request.Type.Group;
        }

        details["kind"] = request.Type.Plural;
        details["uid"] = last.Uid();
        await ApiResponse.WriteAsync(request.Http, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    public async Task DeleteAllAsync(ApiRequest request)
    {
        var options = await ReadOptionsAsync(request);
        var selected = store.Snapshot(request.Type, request.Path.Namespace, request.Labels, request.Fields);
        foreach (var item in selected.Items)
        {
            try
            {
                store.Delete(request.Type, item.Namespace, item.Name, options);
            }
            catch (StatusException gone) when (gone.Code == 404)
            {
                // Somebody else was faster, to the same end.
            }
        }

        await writer.WriteListAsync(request, new ListPage(selected.Items, selected.ResourceVersion, null, 0));
    }

    private static async Task<DeleteOptions> ReadOptionsAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadAsync(request.Http) as JsonObject ?? [];
        var grace = body.Number("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds");
        if (grace < 0)
        {
            throw StatusException.BadRequest("gracePeriodSeconds: Invalid value: must be greater than or equal to 0");
        }

        var propagation = body.Text("propagationPolicy") ?? request.Query("propagationPolicy");
        var orphan = body.Flag("orphanDependents") == true;
        var dryRun = request.DryRun || body.At("dryRun") is JsonArray { Count: > 0 };
        return new DeleteOptions(
            grace,
            propagation switch
            {
                null => orphan ? Propagation.Orphan : Propagation.Background,
                _ when Enum.TryParse<Propagation>(propagation, out var known) => known,
                _ => throw StatusException.BadRequest(
                    $"propagationPolicy: Unsupported value: \"{propagation}\": supported values: \"Background\", \"Foreground\", \"Orphan\""),
            },
            body.Text("preconditions", "uid"),
            body.Text("preconditions", "resourceVersion"),
            dryRun);
    }
}
