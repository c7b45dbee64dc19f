using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Discovery;

/// <summary>What the server offers: versions, groups, resources, schemas.</summary>
internal static class DiscoveryEndpoints
{
    private static readonly string[] Roots = ["/api", "/api/v1", "/apis"];
    private static readonly string[] Others = ["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"];

    /// <summary>Answers a path that names no objects; false when nothing is there.</summary>
    public static async Task<bool> TryServeAsync(HttpContext http, string path)
    {
        var aggregated = http.Request.Headers.Accept.ToString().Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal);
        JsonNode? body = path.Trim('/').Split('/') switch
        {
            ["version"] => ServerVersion(),
            ["api" or "apis"] when aggregated => AggregatedDiscovery.Document(path.Trim('/') == "api"),
            ["api"] => GroupDiscovery.CoreVersions(),
            ["apis"] => GroupDiscovery.Groups(),
            ["apis", var group] => GroupDiscovery.Group(group),
            ["api", "v1"] => GroupDiscovery.Resources("v1"),
            ["apis", var group, var version] => GroupDiscovery.Resources($"{group}/{version}"),
            ["openapi", "v2"] => OpenApi.OpenApiV2.Document(),
            ["openapi", "v3"] => OpenApi.OpenApiV3.Index(),
            ["openapi", "v3", .. var rest] => OpenApi.OpenApiV3.Document(string.Join('/', rest)),
            [""] => Paths(),
            _ => null,
        };
        if (body is null)
        {
            return false;
        }

        if (aggregated && path.Trim('/') is "api" or "apis")
        {
            // Clients tell by the content type whether they got what they asked for.
            await ApiResponse.WriteAsync(http, StoredObject.ToJson(body), contentType: AggregatedDiscovery.MediaType);
        }
        else
        {
            await ApiResponse.WriteAsync(http, body);
        }

        return true;
    }

    private static JsonObject ServerVersion() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = "v1.32.4+switchback",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };

    private static JsonObject Paths() => new()
    {
        ["paths"] = new JsonArray([.. Roots
            .Concat(ResourceTypes.All.Where(type => type.Group.Length > 0).Select(type => $"/apis/{type.ApiVersion}").Distinct())
            .Concat(Others)
            .Select(path => (JsonNode)path)]),
    };
}
