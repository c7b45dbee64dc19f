using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>Which part of a container's log is wanted.</summary>
/// <param name="Container">Its name; may be null where the pod has one container.</param>
/// <param name="Follow">Go on until the container ends.</param>
/// <param name="Timestamps">Each line begins with the time it was written, RFC 3339 with nanoseconds.</param>
/// <param name="TailLines">Only the last so many lines, or null for all.</param>
/// <param name="Previous">The instance before the last restart.</param>
public sealed record LogOptions(string? Container = null, bool Follow = false, bool Timestamps = false, int? TailLines = null, bool Previous = false);

/// <content>The answers that last: watches and logs.</content>
public sealed partial class KubernetesClient
{
    /// <summary>
    /// What happens to the objects of a selection after <paramref name="resourceVersion"/> (from a list, an event or a bookmark). Ends without an error when
    /// the server ends the watch, as it does every few minutes: go on from the last version seen.
    /// </summary>
    /// <exception cref="KubernetesException">Also 410: that version is too old, list again.</exception>
    /// <exception cref="HttpRequestException">The connection was lost, or nothing (not even a bookmark) came for much longer than the watch was to last.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceName resource, Selection selection, string resourceVersion, TimeSpan lasting, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = $"{resource.Path(selection.Namespace)}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(resourceVersion)}"
            + $"&timeoutSeconds={(int)lasting.TotalSeconds}{Query(selection)}";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // A connection that died without a word must not keep the watch open for ever: the server was asked to end it earlier than this.
        ending.CancelAfter(lasting + RequestTimeout);
        using var response = await OpenAsync(path, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await ReadLineAsync(reader, ending.Token, cancellation) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Parse(line);
            }
        }
    }

    /// <summary>The log of a container as a stream of bytes. With <see cref="LogOptions.Follow"/> it ends with the container. The caller disposes it.</summary>
    public async Task<Stream> LogsAsync(string ns, string pod, LogOptions options, CancellationToken cancellation)
    {
        var query = new List<string>();
        if (options.Container is { } container)
        {
            query.Add($"container={Uri.EscapeDataString(container)}");
        }

        if (options.Follow)
        {
            query.Add("follow=true");
        }

        if (options.Timestamps)
        {
            query.Add("timestamps=true");
        }

        if (options.TailLines is { } lines)
        {
            query.Add($"tailLines={lines}");
        }

        if (options.Previous)
        {
            query.Add("previous=true");
        }

        return await StreamAsync($"{ResourceNames.Pods.Path(ns, pod, "log")}?{string.Join('&', query)}", cancellation);
    }

    /// <summary>Any answer of the API by its path, as the bytes that come. The caller disposes it, which ends the connection: an answer that goes on is never drained.</summary>
    public async Task<Stream> StreamAsync(string path, CancellationToken cancellation)
    {
        var response = await OpenAsync(path.TrimStart('/'), cancellation);
        return await response.Content.ReadAsStreamAsync(cancellation);
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(RequestTimeout);
        HttpResponseMessage? response = null;
        try
        {
            response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            await ThrowUnlessSuccessAsync(response, deadline.Token);
            var opened = response;
            response = null;
            return opened;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"GET {path}: the API server at {Config.Server.Authority} did not answer within {RequestTimeout.TotalSeconds:0.#} s");
        }
        finally
        {
            response?.Dispose();
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken ending, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadLineAsync(ending);
        }
        catch (IOException failure)
        {
            throw new HttpRequestException($"the watch was cut: {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException("the watch fell silent");
        }
    }

    private static WatchEvent Parse(string line)
    {
        JsonObject? message;
        try
        {
            message = JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            // The connection ended in the middle of an event.
            throw new HttpRequestException("the watch was cut within an event");
        }

        var type = message?.Text("type");
        if (message?.Object("object") is not { } subject)
        {
            throw new HttpRequestException("the watch carried something that is no event");
        }

        message.Remove("object");
        return type switch
        {
            "ADDED" => new WatchEvent(WatchEventType.Added, subject),
            "MODIFIED" => new WatchEvent(WatchEventType.Modified, subject),
            "DELETED" => new WatchEvent(WatchEventType.Deleted, subject),
            "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, subject),
            "ERROR" => throw KubernetesException.FromStatus(subject, 500),
            _ => throw new HttpRequestException($"the watch carried an unknown event type \"{type}\""),
        };
    }
}
