using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>
/// A thin client of one API server. Objects are <see cref="JsonObject"/>s as the API hands them out, so that nothing this client does not know is
/// lost. Every error answer is a <see cref="KubernetesException"/>; a server that cannot be reached is an <see cref="HttpRequestException"/>, and one
/// that does not answer within <see cref="RequestTimeout"/> a <see cref="TimeoutException"/>. Safe for use from many threads.
/// </summary>
public sealed partial class KubernetesClient : IDisposable
{
    // Small enough that a page's buffers stay out of the large object heap's way.
    private const int PageSize = 100;

    // As kubectl asks: a misspelt field is an error that names it, not a field silently dropped.
    private const string Strict = "?fieldValidation=Strict";
    private readonly HttpClient http;

    /// <summary>A client for the cluster of <paramref name="config"/>; nothing is sent yet.</summary>
    public KubernetesClient(KubeConfig config)
    {
        Config = config;
        http = KubernetesTransport.Create(config);
    }

    /// <summary>The cluster this client speaks to.</summary>
    public KubeConfig Config { get; }

    /// <summary>How long one request other than a watch or a log may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    /// <summary>The object, or null when there is none.</summary>
    public async Task<JsonObject?> GetAsync(ResourceName resource, string? ns, string name, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, resource.Path(ns, name), null, cancellation);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Any JSON document of the API by its path, for example <c>version</c> or <c>apis/apps/v1</c>.</summary>
    public Task<JsonObject> GetAsync(string path, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path.TrimStart('/'), null, cancellation);

    /// <summary>All objects of a selection, page by page, so that memory is bounded by a page and not by the cluster.</summary>
    /// <exception cref="KubernetesException">Also 410 when the list took longer than the server keeps its snapshot: begin again.</exception>
    public async IAsyncEnumerable<ListPage> ListPagesAsync(
        ResourceName resource, Selection selection, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? next = null;
        do
        {
            var query = Query(selection) + $"&limit={PageSize}" + (next is null ? "" : $"&continue={Uri.EscapeDataString(next)}");
            var list = await SendAsync(HttpMethod.Get, $"{resource.Path(selection.Namespace)}?{query.TrimStart('&')}", null, cancellation);
            next = list.Text("metadata", "continue") is { Length: > 0 } more ? more : null;
            yield return new ListPage(Items(resource, list), list.ResourceVersion ?? "", next);
        }
        while (next is not null);
    }

    /// <summary>All objects of a selection at once.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(ResourceName resource, Selection selection, CancellationToken cancellation)
    {
        var all = new List<JsonObject>();
        await foreach (var page in ListPagesAsync(resource, selection, cancellation))
        {
            all.AddRange(page.Items);
        }

        return all;
    }

    /// <summary>Creates the object; its namespace is <c>metadata.namespace</c> or the configuration's.</summary>
    public Task<JsonObject> CreateAsync(ResourceName resource, JsonObject created, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, resource.Path(NamespaceOf(resource, created)) + Strict, Json(created), cancellation);

    /// <summary>Replaces the object whole; with a <c>metadata.resourceVersion</c> in it only that version (else 409).</summary>
    public Task<JsonObject> ReplaceAsync(ResourceName resource, JsonObject replacement, CancellationToken cancellation, string? subresource = null) =>
        SendAsync(HttpMethod.Put, resource.Path(NamespaceOf(resource, replacement), replacement.Name, subresource), Json(replacement), cancellation);

    /// <summary>Patches the object.</summary>
    public Task<JsonObject> PatchAsync(
        ResourceName resource, string? ns, string name, JsonNode patch, PatchType type, CancellationToken cancellation, string? subresource = null)
    {
        var mediaType = type switch
        {
            PatchType.Json => "application/json-patch+json",
            PatchType.Merge => "application/merge-patch+json",
            _ => "application/strategic-merge-patch+json",
        };
        return SendAsync(HttpMethod.Patch, resource.Path(ns, name, subresource) + Strict, Json(patch, mediaType), cancellation);
    }

    /// <summary>Deletes the object in the background; false when it was not there.</summary>
    public async Task<bool> DeleteAsync(
        ResourceName resource, string? ns, string name, CancellationToken cancellation, string propagation = "Background", int? gracePeriodSeconds = null)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = propagation };
        if (gracePeriodSeconds is { } grace)
        {
            options["gracePeriodSeconds"] = grace;
        }

        try
        {
            await SendAsync(HttpMethod.Delete, resource.Path(ns, name), Json(options), cancellation);
            return true;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>The namespace a request for this object goes to: its own, else the configuration's; null for kinds without namespaces.</summary>
    internal string? NamespaceOf(ResourceName resource, JsonObject manifest) =>
        !resource.Namespaced ? null : manifest.Namespace is { Length: > 0 } own ? own : Config.Namespace;

    private static string Query(Selection selection) =>
        (selection.LabelSelector is { } labels ? $"&labelSelector={Uri.EscapeDataString(labels)}" : "")
        + (selection.FieldSelector is { } fields ? $"&fieldSelector={Uri.EscapeDataString(fields)}" : "");

    private static List<JsonObject> Items(ResourceName resource, JsonObject list)
    {
        var items = new List<JsonObject>();
        foreach (var item in list.Items("items"))
        {
            item["apiVersion"] ??= resource.ApiVersion;
            item["kind"] ??= resource.Kind;
            items.Add(item);
        }

        return items;
    }

    private static ByteArrayContent Json(JsonNode body, string mediaType = "application/json") =>
        new(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(RequestTimeout);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            await ThrowUnlessSuccessAsync(response, deadline.Token);
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            return await JsonNode.ParseAsync(body, cancellationToken: deadline.Token) as JsonObject ?? throw new JsonException("not an object");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{method} {path}: the API server at {Config.Server.Authority} did not answer within {RequestTimeout.TotalSeconds:0.#} s");
        }
        catch (JsonException failure)
        {
            throw new KubernetesException(502, "", $"{method} {path}: the API server's answer is not a JSON object: {failure.Message}");
        }
        catch (IOException failure)
        {
            throw new HttpRequestException($"{method} {path}: {failure.Message}", failure);
        }
    }

    private static async Task ThrowUnlessSuccessAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        // An answer that is no Status may be a page of any length.
        var text = await ReadBoundedAsync(response.Content, cancellation);
        JsonObject? status = null;
        try
        {
            status = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            status = null;
        }

        var code = (int)response.StatusCode;
        throw status?.Text("kind") == "Status"
            ? KubernetesException.FromStatus(status, code)
            : new KubernetesException(code, "", $"the API server answered {code} {response.ReasonPhrase}: {text.Trim()}");
    }

    private static async Task<string> ReadBoundedAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var body = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[64 * 1024];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
