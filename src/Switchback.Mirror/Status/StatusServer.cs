using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchback.Kafka.Client;

namespace Switchback.Mirror.Status;

/// <summary>
/// HTTP: <c>/status</c> (JSON), <c>/metrics</c> (Prometheus), <c>/health</c>, and <c>/progress</c>, a stream of JSON lines: each partition's
/// positions at first, and then whenever they move.
/// </summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(5);
    private readonly WebApplication _application;
    private readonly Func<CancellationToken, Task<MirrorStatus>> _status;
    private readonly Func<IEnumerable<ProgressLine>> _progress;

    private StatusServer(WebApplication application, Func<CancellationToken, Task<MirrorStatus>> status, Func<IEnumerable<ProgressLine>> progress) =>
        (_application, _status, _progress) = (application, status, progress);

    /// <summary>The address served.</summary>
    public string Address => _application.Urls.First();

    public static async Task<StatusServer> StartAsync(
        IPEndPoint endpoint, Func<CancellationToken, Task<MirrorStatus>> status, Func<IEnumerable<ProgressLine>> progress, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endpoint));
        // Ending is the process's own business.
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, NoLifetime>();
        var server = new StatusServer(builder.Build(), status, progress);
        server._application.MapGet("/health", (RequestDelegate)(context => context.Response.WriteAsync("ok\n")));
        server._application.MapGet("/status", (RequestDelegate)server.StatusAsync);
        server._application.MapGet("/metrics", (RequestDelegate)server.MetricsAsync);
        server._application.MapGet("/progress", (RequestDelegate)server.ProgressAsync);
        await server._application.StartAsync(cancellation).ConfigureAwait(false);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _application.StopAsync(now.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StatusAsync(HttpContext context)
    {
        var status = await _status(context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, status, StatusJson.Default.MirrorStatus, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task MetricsAsync(HttpContext context)
    {
        var status = await _status(context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(MetricsText.Write(status), context.RequestAborted).ConfigureAwait(false);
    }

    private async Task ProgressAsync(HttpContext context)
    {
        var seen = new Dictionary<(string, TopicPartition), long>();
        context.Response.ContentType = "application/x-ndjson";
        using var timer = new PeriodicTimer(ProgressInterval);
        try
        {
            do
            {
                var moved = false;
                foreach (var line in _progress())
                {
                    var key = (line.Link, new TopicPartition(line.SourceTopic, line.Partition));
                    if (seen.TryGetValue(key, out var before) && before == line.SourceOffset)
                        continue;
                    seen[key] = line.SourceOffset;
                    await context.Response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, StatusJson.Default.ProgressLine), context.RequestAborted).ConfigureAwait(false);
                    await context.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                    moved = true;
                }

                if (moved)
                    await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(context.RequestAborted).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The follower went away.
            return;
        }
    }
}
