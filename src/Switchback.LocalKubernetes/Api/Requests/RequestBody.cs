using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.Kubernetes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Requests;

/// <summary>Reads bodies: JSON, or YAML or protobuf where the content type says so. At most 3 MiB, as a real server takes.</summary>
internal static class RequestBody
{
    public const int Largest = 3 << 20;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 128, AllowDuplicateProperties = false };

    /// <exception cref="StatusException">400, 413 or 415.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpContext http)
    {
        var bytes = await ReadBytesAsync(http);
        if (bytes.Length == 0)
        {
            return null;
        }

        var mediaType = MediaType(http);
        if (mediaType == "application/vnd.kubernetes.protobuf")
        {
            return ProtobufBody.Read(bytes);
        }

        return mediaType.EndsWith("yaml", StringComparison.Ordinal) ? ParseYaml(bytes) : ParseJson(bytes);
    }

    /// <exception cref="StatusException">400 unless it is an object.</exception>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext http) =>
        await ReadAsync(http) as JsonObject ?? throw StatusException.BadRequest("couldn't get version/kind; json parse error: the body is not an object");

    /// <summary>The content type without parameters, in lower case; JSON where there is none.</summary>
    public static string MediaType(HttpContext http)
    {
        var type = http.Request.ContentType ?? "application/json";
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }

    private static async Task<byte[]> ReadBytesAsync(HttpContext http)
    {
        if (http.Request.ContentLength > Largest)
        {
            throw TooLarge();
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 << 10];
        while (await http.Request.Body.ReadAsync(chunk, http.RequestAborted) is var count and > 0)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > Largest)
            {
                throw TooLarge();
            }
        }

        return buffer.ToArray();
    }

    private static StatusException TooLarge() => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Largest}");

    private static JsonNode? ParseJson(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: Reading);
        }
        catch (JsonException unreadable)
        {
            throw StatusException.BadRequest($"the object provided is unrecognized: couldn't get version/kind; json parse error: {unreadable.Message}");
        }
    }

    private static JsonObject ParseYaml(byte[] bytes)
    {
        try
        {
            return Manifests.Parse(System.Text.Encoding.UTF8.GetString(bytes), "body") is [var only]
                ? only
                : throw StatusException.BadRequest("the body must hold one YAML document");
        }
        catch (ManifestException unreadable)
        {
            throw StatusException.BadRequest($"error converting YAML to JSON: {unreadable.Message}");
        }
    }
}
