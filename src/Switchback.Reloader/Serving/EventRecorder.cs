using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Serving;

/// <summary>Writes Events on workloads, beside the real work: what cannot be written is logged and forgotten.</summary>
internal sealed class EventRecorder(KubernetesClient client, ILogger log)
{
    private const int LongestMessage = 1024;
    private readonly Channel<(WorkloadKey Workload, JsonObject Event)> waiting =
        Channel.CreateBounded<(WorkloadKey, JsonObject)>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Record(WorkloadKey workload, string? uid, string type, string reason, string message)
    {
        var now = DateTimeOffset.UtcNow;
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var name = string.Create(CultureInfo.InvariantCulture, $"{workload.Name}.{now.Ticks:x}{Random.Shared.Next(0x1000):x3}");
        var written = ResourceNames.Events.NewObject(name, workload.Namespace);
        var involved = new JsonObject
        {
            ["kind"] = workload.Kind.Name,
            ["apiVersion"] = workload.Kind.Resource.ApiVersion,
            ["namespace"] = workload.Namespace,
            ["name"] = workload.Name,
        };
        if (uid is not null)
        {
            involved["uid"] = uid;
        }

        written["involvedObject"] = involved;
        written["type"] = type;
        written["reason"] = reason;
        written["message"] = message.Length > LongestMessage ? message[..LongestMessage] : message;
        written["source"] = new JsonObject { ["component"] = "reloader" };
        written["firstTimestamp"] = time;
        written["lastTimestamp"] = time;
        written["count"] = 1;
        waiting.Writer.TryWrite((workload, written));
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var (workload, written) in waiting.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                await client.CreateAsync(ResourceNames.Events, written, cancellation);
            }
            catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException)
            {
                Log.EventNotWritten(log, workload.ToString(), failure.Message);
            }
        }
    }
}
