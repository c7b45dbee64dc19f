using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary><c>serviceaccounts/token</c>: <c>kubectl create token</c>.</summary>
internal sealed class TokenEndpoint(ServiceAccountTokens tokens)
{
    private const long DefaultLifetime = 3600;

    public async Task ServeAsync(ApiRequest request)
    {
        var body = await RequestBody.ReadObjectAsync(request.Http);
        ObjectReader.Decode(request, SchemaCatalogue.ForKind("authentication.k8s.io/v1", "TokenRequest")!, body);
        var spec = body.Ensure("spec");
        var lifetime = spec.Number("expirationSeconds") ?? DefaultLifetime;
        var audiences = (spec["audiences"] as JsonArray)?.Select(audience => audience!.GetValue<string>()).ToList() ?? [];
        var pod = spec.Object("boundObjectRef") is { } bound && bound.Text("kind") == "Pod" ? bound : null;
        var issued = tokens.Issue(request.Namespace, request.Name, TimeSpan.FromSeconds(lifetime), pod?.Text("name"), pod?.Text("uid"), audiences);
        spec["expirationSeconds"] = lifetime;
        await ApiResponse.WriteAsync(
            request.Http,
            new JsonObject
            {
                ["kind"] = "TokenRequest",
                ["apiVersion"] = "authentication.k8s.io/v1",
                ["metadata"] = new JsonObject { ["name"] = request.Name, ["namespace"] = request.Namespace },
                ["spec"] = spec.DeepClone(),
                ["status"] = new JsonObject { ["token"] = issued.Token, ["expirationTimestamp"] = issued.Expires.ToTimestamp() },
            },
            StatusCodes.Status201Created);
    }
}
