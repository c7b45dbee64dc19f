using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>watch: a line of JSON for each change, until the client goes or its time is over.</summary>
internal sealed class WatchEndpoint(ObjectStore store, ObjectWriter writer)
{
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(10);

    public async Task ServeAsync(ApiRequest request)
    {
        var labels = request.Labels;
        var fields = request.Fields;
        var shape = request.Shape;
        var bookmarks = request.Asks("allowWatchBookmarks");
        var from = request.Number("resourceVersion");
        var initial = request.Query("sendInitialEvents");
        if (initial is not null && request.Query("resourceVersionMatch") != "NotOlderThan")
        {
            throw new StatusException(
                422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        var present = initial is "true" or "1" || (initial is null && from is null or 0)
            ? store.Snapshot(request.Type, request.Path.Namespace, labels, fields)
            : null;
        var start = present?.ResourceVersion ?? from ?? store.ResourceVersion;
        var stream = new EventStream(request, shape, writer);

        // Real servers end watches after half an hour to an hour, each at another moment.
        var timeout = TimeSpan.FromSeconds(request.Number("timeoutSeconds") is { } seconds and > 0 ? seconds : RandomNumberGenerator.GetInt32(1800, 3600));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Cancellation);
        ending.CancelAfter(timeout);
        try
        {
            await stream.BeginAsync();
            foreach (var item in present?.Items ?? [])
            {
                stream.Write(WatchEventType.Added, item);
            }

            if (initial is "true" or "1" && bookmarks)
            {
                stream.WriteBookmark(start, initialEnd: true);
            }

            await stream.FlushAsync(ending.Token);
            await foreach (var change in store.WatchAsync(request.Type, request.Path.Namespace, start, bookmarks ? BookmarkEvery : null, ending.Token))
            {
                if (change.Select(labels, fields) is { } selected)
                {
                    stream.Write(selected);
                    await stream.FlushAsync(ending.Token);
                }
            }
        }
        catch (StatusException expired)
        {
            // As real servers do it: the watch is granted, and its only event says that the version is too old.
            stream.WriteError(expired);
            await stream.FlushAsync(request.Cancellation);
        }
        catch (OperationCanceledException) when (!request.Cancellation.IsCancellationRequested)
        {
            // Its time is over: the client asks again from where it is.
        }
    }

    /// <summary>The lines of one watch.</summary>
    private sealed class EventStream(ApiRequest request, ResponseShape shape, ObjectWriter writer)
    {
        private readonly System.IO.Pipelines.PipeWriter output = request.Http.Response.BodyWriter;
        private bool first = true;

        public Task BeginAsync()
        {
            request.Http.Response.ContentType = "application/json";
            return request.Http.Response.StartAsync(request.Cancellation);
        }

        public void Write(WatchEvent change)
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                WriteBookmark(change.ResourceVersion, initialEnd: false);
            }
            else
            {
                Write(change.Type, change.Stored!);
            }
        }

        public void Write(WatchEventType type, StoredObject item)
        {
            WriteLine(type.ToString().ToUpperInvariant(), writer.EventBody(request, shape, item, first));
            first = false;
        }

        public void WriteBookmark(long version, bool initialEnd)
        {
            var item = new JsonObject
            {
                ["kind"] = request.Type.Kind,
                ["apiVersion"] = request.Type.ApiVersion,
                ["metadata"] = new JsonObject { ["resourceVersion"] = ObjectMetadata.Format(version), ["creationTimestamp"] = null },
            };
            if (initialEnd)
            {
                item.Ensure("metadata", "annotations")["k8s.io/initial-events-end"] = "true";
            }

            // A table's client reads bookmarks as tables too.
            var body = shape.Form == ResponseForm.Table ? writer.EventBody(request, shape, new StoredObject(item), first) : StoredObject.ToJson(item);
            first = false;
            WriteLine("BOOKMARK", body);
        }

        public void WriteError(StatusException failure) => WriteLine("ERROR", StoredObject.ToJson(failure.ToStatus()));

        public async Task FlushAsync(CancellationToken cancellation) => await output.FlushAsync(cancellation);

        private void WriteLine(string type, byte[] body)
        {
            Put(Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
            Put(body);
            Put("}\n"u8);
        }

        private void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(output.GetSpan(bytes.Length));
            output.Advance(bytes.Length);
        }
    }
}
