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
    private readonly Channel<Occurrence> waiting =
        Channel.CreateBounded<Occurrence>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });

    public void Record(WorkloadKey workload, string? uid, string type, string reason, string message) =>
        waiting.Writer.TryWrite(new Occurrence(workload, uid, type, reason, message.Length > LongestMessage ? message[..LongestMessage] : message, DateTimeOffset.UtcNow));

    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var occurrence in waiting.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                await client.CreateAsync(ResourceNames.Events, occurrence.Written(), cancellation);
            }
            catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException)
            {
                Log.EventNotWritten(log, occurrence.Workload.ToString(), failure.Message);
            }
        }
    }

    /// <summary>An Event before it is an object of the API: a thousand may wait, and those are small.</summary>
    private sealed record Occurrence(WorkloadKey Workload, string? Uid, string Type, string Reason, string Message, DateTimeOffset At)
    {
        public JsonObject Written()
        {
            var time = At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var name = string.Create(CultureInfo.InvariantCulture, $"{Workload.Name}.{At.Ticks:x}{Random.Shared.Next(0x1000):x3}");
            var written = ResourceNames.Events.NewObject(name, Workload.Namespace);
            var involved = new JsonObject
            {
                ["kind"] = Workload.Kind.Name,
                ["apiVersion"] = Workload.Kind.Resource.ApiVersion,
                ["namespace"] = Workload.Namespace,
                ["name"] = Workload.Name,
            };
            if (Uid is not null)
            {
                involved["uid"] = Uid;
            }

            written["involvedObject"] = involved;
            written["type"] = Type;
            written["reason"] = Reason;
            written["message"] = Message;
            written["source"] = new JsonObject { ["component"] = "reloader" };
            written["firstTimestamp"] = time;
            written["lastTimestamp"] = time;
            written["count"] = 1;
            return written;
        }
    }
}
