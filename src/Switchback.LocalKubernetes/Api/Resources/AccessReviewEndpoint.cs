using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Authorization;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary><c>selfsubjectaccessreviews</c>: <c>kubectl auth can-i</c>.</summary>
internal sealed class AccessReviewEndpoint(RbacAuthorizer authorizer, ObjectWriter writer)
{
    public async Task ServeAsync(ApiRequest request)
    {
        var review = await RequestBody.ReadObjectAsync(request.Http);
        ObjectReader.Accept(request, review);
        var asked = review.Object("spec", "resourceAttributes");
        var path = review.Object("spec", "nonResourceAttributes");
        var allowed = authorizer.Allows(request.User, asked is not null
            ? new AccessRequest(asked.Text("verb") ?? "", asked.Text("group") ?? "", Resource(asked), asked.Text("namespace") ?? "", asked.Text("name") ?? "")
            : new AccessRequest(path?.Text("verb") ?? "", "", "", "", "") { Path = path?.Text("path") ?? "" });
        review["status"] = new JsonObject { ["allowed"] = allowed };
        await writer.WriteAsync(request, review, StatusCodes.Status201Created);
    }

    private static string Resource(JsonObject asked) =>
        asked.Text("subresource") is { Length: > 0 } subresource ? $"{asked.Text("resource")}/{subresource}" : asked.Text("resource") ?? "";
}
