using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>
/// Stands between a reloader and the API server of a whole cluster, which it asks with the rights of the kubeconfig: it can be away, and it can answer in the
/// server's place. To the reloader it is the server, over plain HTTP.
/// </summary>
internal sealed class ApiRelay : IAsyncDisposable
{
    private readonly KubeConfig cluster;
    private readonly HttpClient http;
    private WebApplication? application;
    private int port;

    private ApiRelay(KubeConfig cluster)
    {
        this.cluster = cluster;
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(cluster.CertificateAuthorities ?? []);
        if (cluster.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        http = new HttpClient(handler) { BaseAddress = cluster.Server, Timeout = Timeout.InfiniteTimeSpan };
    }

    public KubeConfig Config => new() { Server = new Uri($"http://127.0.0.1:{port}"), Context = cluster.Context, Namespace = cluster.Namespace };

    /// <summary>Answers in the server's place when it gives a Status; asked for each request.</summary>
    public Func<HttpRequest, JsonObject?>? Fault { get; set; }

    public static async Task<ApiRelay> StartAsync(KubeConfig cluster)
    {
        var relay = new ApiRelay(cluster);
        await relay.RestartAsync();
        return relay;
    }

    /// <summary>Gone: connections are cut, new ones refused.</summary>
    public async Task StopAsync()
    {
        if (application is { } running)
        {
            application = null;
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
            await running.StopAsync(now.Token);
            await running.DisposeAsync();
        }
    }

    /// <summary>Back at the same address.</summary>
    public async Task RestartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var created = builder.Build();
        created.Run(HandleAsync);
        await created.StartAsync();
        port = new Uri(created.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        application = created;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (Fault?.Invoke(context.Request) is { } fault)
            {
                context.Response.StatusCode = (int)fault["code"]!;
                await JsonSerializer.SerializeAsync(context.Response.Body, fault, cancellationToken: context.RequestAborted);
                return;
            }

            await PassAsync(context);
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort();
        }
    }

    private async Task PassAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{context.Request.Path}{context.Request.QueryString}");
        request.Headers.TryAddWithoutValidation("Accept", context.Request.Headers.Accept.ToArray());
        if (cluster.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token.GetAsync(context.RequestAborted));
        }

        if (context.Request.ContentType is { } type)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await context.Response.StartAsync(context.RequestAborted);

        // Each event of a watch goes on as it comes.
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
