using Microsoft.Extensions.Logging;
using Switchback.Broker.Configuration;
using Switchback.Broker.Operations;

namespace Switchback.Broker;

/// <summary>An embedded cluster as a program: says when it is ready, serves until it is told to end.</summary>
public static class BrokerProcess
{
    /// <summary>Runs a cluster until cancelled; writes one line, <c>ready: host:port,..</c>, to <paramref name="output"/> when it serves.</summary>
    /// <exception cref="ConfigurationException">It cannot be started as asked.</exception>
    public static async Task RunAsync(BrokerOptions options, TextWriter output, ILogger log, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(output);
        await using var cluster = await EmbeddedCluster.StartAsync(options, log);
        await output.WriteLineAsync($"ready: {cluster.BootstrapServers}");
        await output.FlushAsync(CancellationToken.None);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => ended.TrySetResult());
        await ended.Task;
    }

    /// <summary>Says one line to a running cluster's control socket (<c>stop N</c>, <c>kill N</c>, <c>start N</c>, <c>status</c>); its answer, <c>ok ..</c> or <c>error: ..</c>.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">The cluster ended before it answered.</exception>
    public static Task<string> AskAsync(string controlSocket, string line, CancellationToken cancellation) => ControlSocket.AskAsync(controlSocket, line, cancellation);
}
