using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Api.Requests;

namespace Switchback.LocalKubernetes.Api;

/// <summary>HTTPS in front of <see cref="ApiHandler"/>.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication web;

    private ApiServer(WebApplication web) => this.web = web;

    /// <param name="addresses">Where to listen.</param>
    /// <param name="certificate">With its private key.</param>
    /// <param name="handler">Answers every request.</param>
    /// <param name="logs">Where the server logs.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<ApiServer> StartAsync(
        IEnumerable<IPEndPoint> addresses, X509Certificate2 certificate, ApiHandler handler, ILoggerFactory logs, CancellationToken cancellation)
    {
        // The empty builder: no configuration files, no watching of them, no default logging; that is half of the start.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.Largest + 1;

            // Watches and followed logs may be silent for long, and slow readers are the reader's affair.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            foreach (var address in addresses)
            {
                kestrel.Listen(address, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate }));
            }
        });
        var web = builder.Build();
        web.Run(handler.HandleAsync);
        try
        {
            await web.StartAsync(cancellation);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }

        return new ApiServer(web);
    }

    /// <summary>Ends open watches and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        try
        {
            await web.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Streams that were still open are cut: that is what stopping means to them.
        }

        await web.DisposeAsync();
    }
}
