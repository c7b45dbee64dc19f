using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>A reloader in this process, with what it logged; ended by <see cref="DisposeAsync"/> as by SIGTERM.</summary>
internal sealed class RunningReloader : IAsyncDisposable, ILoggerProvider
{
    private readonly CancellationTokenSource ending = new();
    private readonly ILoggerFactory logging;
    private Task running = Task.CompletedTask;

    private RunningReloader() => logging = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Debug).AddProvider(this));

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Completes with the address of /metrics once it follows the cluster.</summary>
    public Task<string> Ready { get; private set; } = null!;

    /// <summary>Starts one and, unless told otherwise, waits until it follows the cluster.</summary>
    public static async Task<RunningReloader> StartAsync(
        KubeConfig cluster, Func<ReloaderOptions, ReloaderOptions>? with = null, bool untilReady = true)
    {
        var reloader = new RunningReloader();
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ReloaderOptions
        {
            Cluster = cluster,
            Logging = reloader.logging,
            MetricsAddress = "127.0.0.1:0",
            SettleWindow = TimeSpan.FromMilliseconds(100),
            Ready = address => ready.TrySetResult(address),
        };
        reloader.running = ReloaderProcess.RunAsync(with?.Invoke(options) ?? options, reloader.ending.Token);
        reloader.Ready = ready.Task;
        if (untilReady)
        {
            await Task.WhenAny(ready.Task, reloader.running).WaitAsync(TimeSpan.FromSeconds(30));
        }

        return reloader;
    }

    public ILogger CreateLogger(string categoryName) => new Collector(Lines);

    public void Dispose()
    {
        // A provider is disposed with its factory; what it holds belongs to the test.
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        try
        {
            await running;
        }
        finally
        {
            logging.Dispose();
            ending.Dispose();
        }
    }

    private sealed class Collector(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
