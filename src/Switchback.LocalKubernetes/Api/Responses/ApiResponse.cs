using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Responses;

/// <summary>Writes JSON answers.</summary>
internal static class ApiResponse
{
    public static Task WriteAsync(HttpContext http, JsonNode body, int code = StatusCodes.Status200OK) => WriteAsync(http, StoredObject.ToJson(body), code);

    public static async Task WriteAsync(HttpContext http, byte[] body, int code = StatusCodes.Status200OK, string contentType = "application/json")
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    public static async Task WriteTextAsync(HttpContext http, string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>A failure as a <c>Status</c>; a stream that has begun can only be cut.</summary>
    public static Task FailAsync(HttpContext http, StatusException failure)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        if (failure.RetryAfterSeconds > 0)
        {
            http.Response.Headers.RetryAfter = ObjectMetadata.Format(failure.RetryAfterSeconds);
        }

        return WriteAsync(http, failure.ToStatus(), failure.Code);
    }
}
