using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Leading;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Rolling;

/// <summary>With <c>--webhook-url</c> nothing is rolled: an address is told that something changed, until it answers with success.</summary>
internal sealed class WebhookNews(ReloaderOptions options, ILeadership leadership, ILogger log) : IResourceNews
{
    private readonly Lock gate = new();
    private readonly ResourceIndex resources = new(options.Annotations, TimeProvider.System);
    private readonly NamespaceScope scope = new(options);
    private readonly Channel<(string Namespace, ResourceRef Resource)> calls = Channel.CreateUnbounded<(string, ResourceRef)>();

    public ChangeType? ResourceChanged(ResourceKind kind, JsonObject resource)
    {
        lock (gate)
        {
            var key = new ResourceRef(kind, resource.Name);
            var before = resources.Find(resource.Namespace, key);
            var change = resources.Set(kind, resource);
            var after = resources.Find(resource.Namespace, key)!;
            var counts = change == ChangeType.Created ? options.ReloadOnCreate && after.CreatedAt is not null : before is not null && before.Hash != after.Hash;
            if (counts && !after.Traits.HasFlag(ResourceTraits.Ignore))
            {
                Call(resource.Namespace, key);
            }

            return change;
        }
    }

    public bool ResourceRemoved(string ns, ResourceRef resource)
    {
        lock (gate)
        {
            var removed = resources.Remove(ns, resource);
            if (removed && options.ReloadOnDelete)
            {
                Call(ns, resource);
            }

            return removed;
        }
    }

    public void ResourcesSynchronized(ResourceKind kind, string? ns)
    {
        lock (gate)
        {
            resources.Synchronized(kind, ns ?? "");
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        await foreach (var (ns, resource) in calls.Reader.ReadAllAsync(cancellation))
        {
            Log.Webhook(log, resource.Name, resource.Kind.Marker, ns, options.Webhook!.Authority);
            await CallAsync(http, cancellation);
        }
    }

    private void Call(string ns, ResourceRef resource)
    {
        if (leadership.IsLeader && scope.Includes(ns))
        {
            calls.Writer.TryWrite((ns, resource));
        }
    }

    private async Task CallAsync(HttpClient http, CancellationToken cancellation)
    {
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause < TimeSpan.FromSeconds(15) ? pause * 2 : pause)
        {
            try
            {
                using var body = new StringContent("""{"webhook":"update successful"}""", System.Text.Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(options.Webhook, body, cancellation);
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                Log.WebhookFailed(log, options.Webhook!.Authority, pause, failure.Message);
                await Task.Delay(pause, cancellation);
            }
        }
    }
}
