using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Responses;

/// <summary>Writes JSON answers.</summary>
internal static class ApiResponse
{
    private const int PieceBytes = 64 * 1024;

    public static Task WriteAsync(HttpContext http, JsonNode body, int code = StatusCodes.Status200OK) => WriteAsync(http, StoredObject.ToJson(body), code);

    public static async Task WriteAsync(HttpContext http, byte[] body, int code = StatusCodes.Status200OK, string contentType = "application/json")
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>A list: its other fields as one JSON object, and the bytes of each object as they are stored. They go out piece by piece, never copied into one.</summary>
    public static async Task WriteListAsync(HttpContext http, byte[] head, IReadOnlyList<byte[]> items)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/json";
        var output = http.Response.BodyWriter;
        var waiting = 0;
        Put(head.AsSpan(0, head.Length - 1));
        Put(",\"items\":["u8);
        for (var at = 0; at < items.Count; at++)
        {
            Put(at > 0 ? ","u8 : default);
            Put(items[at]);
            if (waiting >= PieceBytes)
            {
                waiting = 0;
                await output.FlushAsync(http.RequestAborted);
            }
        }

        Put("]}"u8);
        await output.FlushAsync(http.RequestAborted);

        void Put(ReadOnlySpan<byte> bytes)
        {
            output.Write(bytes);
            waiting += bytes.Length;
        }
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
