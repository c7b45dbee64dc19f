using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Api.Tables;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>Writes objects and lists in the form the client asks for: whole, as a table, or their metadata only.</summary>
internal sealed class ObjectWriter(TimeProvider clock)
{
    public Task WriteAsync(ApiRequest request, JsonObject item, int code = StatusCodes.Status200OK)
    {
        var shape = request.Shape;
        var body = shape.Form switch
        {
            ResponseForm.Table => StoredObject.ToJson(TableOf(request, [item], item.Text("metadata", "resourceVersion"), true)),
            ResponseForm.Metadata => StoredObject.ToJson(MetadataOf(item)),
            _ => StoredObject.ToJson(item),
        };
        return ApiResponse.WriteAsync(request.Http, body, code);
    }

    public Task WriteListAsync(ApiRequest request, ListPage page)
    {
        var version = ObjectMetadata.Format(page.ResourceVersion);
        var shape = request.Shape;
        if (shape.Form == ResponseForm.Table)
        {
            var table = TableOf(request, page.Items.Select(item => item.Value), version, true);
            SetPage(table.Ensure("metadata"), page);
            return ApiResponse.WriteAsync(request.Http, table);
        }

        var metadata = new JsonObject { ["resourceVersion"] = version };
        SetPage(metadata, page);
        var (apiVersion, kind) = shape.Form == ResponseForm.Metadata
            ? ("meta.k8s.io/v1", "PartialObjectMetadataList")
            : (request.Type.ApiVersion, request.Type.ListKind);
        var head = StoredObject.ToJson(new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata });
        return ApiResponse.WriteListAsync(
            request.Http, head, [.. page.Items.Select(item => shape.Form == ResponseForm.Metadata ? StoredObject.ToJson(MetadataOf(item.Value)) : item.Json)]);
    }

    /// <summary>The object of a watch event.</summary>
    /// <param name="request">The watch.</param>
    /// <param name="shape">The form it asked for.</param>
    /// <param name="item">The object.</param>
    /// <param name="first">Whether it is the first event: a table's columns come only with that.</param>
    public byte[] EventBody(ApiRequest request, ResponseShape shape, StoredObject item, bool first) => shape.Form switch
    {
        ResponseForm.Table => StoredObject.ToJson(TableOf(request, [item.Value], item.Value.Text("metadata", "resourceVersion"), first)),
        ResponseForm.Metadata => StoredObject.ToJson(MetadataOf(item.Value)),
        _ => item.Json,
    };

    private static void SetPage(JsonObject metadata, ListPage page)
    {
        if (page.Continue is not null)
        {
            metadata["continue"] = page.Continue;
            metadata["remainingItemCount"] = page.Remaining;
        }
    }

    private static JsonObject MetadataOf(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };

    private JsonObject TableOf(ApiRequest request, IEnumerable<JsonObject> items, string? version, bool columns)
    {
        var table = PrintedTables.For(request.Type);
        var now = clock.GetUtcNow();
        var include = request.Shape.Include;
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = version ?? "" },
            ["columnDefinitions"] = columns ? new JsonArray([.. table.Columns.Select(column => column.Definition())]) : null,
            ["rows"] = new JsonArray([.. items.Select(item => new JsonObject
            {
                ["cells"] = new JsonArray([.. table.Columns.Select(column => column.Cell(item, now))]),
                ["object"] = include switch { "None" => null, "Object" => item.DeepClone(), _ => MetadataOf(item) },
            })]),
        };
    }
}
