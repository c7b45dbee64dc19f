using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Switchback.Reloader.Serving;

/// <summary>Answers <c>/metrics</c>, <c>/live</c> and <c>/ready</c>.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private readonly WebApplication application;

    private MetricsServer(WebApplication application) => this.application = application;

    /// <summary>Where it answers: <c>HOST:PORT</c> with the port that was bound.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Whether <paramref name="address"/> is <c>HOST:PORT</c> or <c>:PORT</c>.</summary>
    public static bool TryParse(string address, out IPEndPoint? endpoint)
    {
        endpoint = null;
        var colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), out var port))
        {
            return false;
        }

        var host = address[..colon].Trim('[', ']');
        var any = host.Length == 0;
        if (!any && host == "localhost")
        {
            host = "127.0.0.1";
        }

        if (any || IPAddress.TryParse(host, out _))
        {
            endpoint = new IPEndPoint(any ? IPAddress.IPv6Any : IPAddress.Parse(host), port);
        }

        return endpoint is not null;
    }

    /// <param name="endpoint">Where it listens.</param>
    /// <param name="metrics">What it shows.</param>
    /// <param name="isReady">Whether everything has been read once: a change made before is taken for what the pods run with, where no mark on the workload says otherwise.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<MetricsServer> StartAsync(IPEndPoint endpoint, ReloaderMetrics metrics, Func<bool> isReady, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // An empty host is every address, with IPv6 where the machine has it.
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                kestrel.ListenAnyIP(endpoint.Port);
            }
            else
            {
                kestrel.Listen(endpoint);
            }
        });
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Run(context => context.Request.Path.Value switch
        {
            "/live" => context.Response.WriteAsync("", context.RequestAborted),
            "/ready" => ReadyAsync(context, isReady()),
            "/metrics" => WriteAsync(context, metrics),
            _ => NotFound(context),
        });
        await application.StartAsync(cancellation);
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new MetricsServer(application) { Address = new Uri(bound.Replace("[::]", "127.0.0.1", StringComparison.Ordinal)).Authority };
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await application.StopAsync(soon.Token);
        await application.DisposeAsync();
    }

    private static Task ReadyAsync(HttpContext context, bool isReady)
    {
        context.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(isReady ? "" : "not everything has been read yet\n", context.RequestAborted);
    }

    private static Task WriteAsync(HttpContext context, ReloaderMetrics metrics)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(metrics.Write(), context.RequestAborted);
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
