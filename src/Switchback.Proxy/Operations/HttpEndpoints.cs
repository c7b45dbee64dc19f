using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Operations;

/// <summary>Health, readiness and metrics over HTTP.</summary>
internal static class HttpEndpoints
{
    /// <summary>Starts serving; dispose to end. Throws <see cref="ProxyStartException"/> when the address cannot be listened on.</summary>
    public static async Task<IAsyncDisposable> StartAsync(HttpSettings settings, Readiness readiness, ProxyMetrics metrics, ILogger log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            if (settings.Listen.Host.Length == 0)
            {
                kestrel.ListenAnyIP(settings.Listen.Port);
            }
            else if (IPAddress.TryParse(settings.Listen.Host, out var address))
            {
                kestrel.Listen(address, settings.Listen.Port);
            }
            else
            {
                kestrel.Listen(Dns.GetHostAddresses(settings.Listen.Host)[0], settings.Listen.Port);
            }
        });
        var app = builder.Build();
        app.Run(context => AnswerAsync(context, settings, readiness, metrics));
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new ProxyStartException($"cannot listen on {settings.Listen} for HTTP (--http-listen-address): {refused.Message}", refused);
        }

        log.HttpListening(settings.Listen);
        return app;
    }

    private static Task AnswerAsync(HttpContext context, HttpSettings settings, Readiness readiness, ProxyMetrics metrics)
    {
        var path = context.Request.Path.Value;
        var (status, type, text) = path switch
        {
            _ when !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) => (StatusCodes.Status405MethodNotAllowed, "text/plain", "Only GET and HEAD\n"),
            _ when path == settings.HealthPath => (StatusCodes.Status200OK, "text/plain", "OK"),
            _ when path == settings.ReadyPath => readiness.IsReady
                ? (StatusCodes.Status200OK, "text/plain", "OK")
                : (StatusCodes.Status503ServiceUnavailable, "text/plain", readiness.Reason + "\n"),
            _ when path == settings.MetricsPath => (StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", metrics.Render(readiness.IsReady)),
            "/" => (StatusCodes.Status200OK, "text/plain", $"{settings.HealthPath}\n{settings.ReadyPath}\n{settings.MetricsPath}\n"),
            _ => (StatusCodes.Status404NotFound, "text/plain", "Not found\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text);
    }
}
