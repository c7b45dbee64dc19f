using System.Net.Sockets;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;

namespace Switchback.Bench.Brokers;

/// <summary>Acks=all at 10,000 messages a second: how long the slowest hundredth took.</summary>
internal static class LatencyCase
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(MeasuredBroker broker, bool isOurs, Figures figures, CancellationToken cancellation)
    {
        var topic = $"paced-{Guid.NewGuid():N}";
        await broker.Client.CreateTopicsAsync([new NewTopic(topic, 1, 1)], cancellation);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(broker.Endpoint.Host, broker.Endpoint.Port, cancellation);
        await using var stream = new NetworkStream(socket);
        var latencies = await Task.Run(() => PacedProducer.Run(stream, new Pace(topic, MessagesPerSecond: 10_000), Duration), cancellation);
        figures.Add("latency-p99-10k", "ms", 1, Bar.Cost, isOurs, latencies.Percentile(0.99));
        figures.Add("latency-p50-10k", "ms", 1, Bar.Cost, isOurs, latencies.Percentile(0.5));
        await broker.Client.DeleteTopicsAsync([topic], cancellation);
    }
}
