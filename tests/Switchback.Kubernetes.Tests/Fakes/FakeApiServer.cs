using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Switchback.Kubernetes.Tests.Fakes;

/// <summary>
/// As much of the Kubernetes API over plain HTTP as the client uses, with faults to order. It is no judge of what Kubernetes does - the suites run on the embedded
/// platform and on a real one for that - but of what the client does when a server misbehaves.
/// </summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly FakeStore store;
    private WebApplication? application;
    private int port;

    private FakeApiServer(FakeStore store) => this.store = store;

    /// <summary>Each request that came: method, path and query.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers instead of the store when it gives a Status; asked for each request.</summary>
    public Func<HttpRequest, JsonObject?>? Fault { get; set; }

    /// <summary>Objects a list hands out at most at once.</summary>
    public int PageLimit { get; set; } = int.MaxValue;

    public FakeStore Store => store;

    public KubeConfig Config => new() { Server = new Uri($"http://127.0.0.1:{port}"), Context = "fake" };

    public static async Task<FakeApiServer> StartAsync()
    {
        var server = new FakeApiServer(new FakeStore());
        await server.ListenAsync();
        return server;
    }

    public static JsonObject Status(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["code"] = code,
        ["reason"] = reason,
        ["message"] = message,
    };

    /// <summary>Gone: connections are cut, new ones refused; what it stores stays.</summary>
    public async Task StopAsync()
    {
        if (application is { } running)
        {
            application = null;
            store.CutWatches();
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
            await running.StopAsync(now.Token);
            await running.DisposeAsync();
        }
    }

    /// <summary>Back at the same address.</summary>
    public Task RestartAsync() => ListenAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        store.Dispose();
    }

    private async Task ListenAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var created = builder.Build();
        created.Run(HandleAsync);
        await created.StartAsync();
        port = new Uri(created.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        application = created;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        try
        {
            if (Fault?.Invoke(request) is { } fault)
            {
                await AnswerAsync(context, fault);
                return;
            }

            var path = FakePath.Parse(request.Path.Value!);
            if (request.Query["watch"] == "true")
            {
                await WatchAsync(context, path);
                return;
            }

            var body = request.ContentLength > 0 ? await JsonNode.ParseAsync(request.Body, cancellationToken: context.RequestAborted) : null;
            var answer = request.Method switch
            {
                "GET" when path.Name is null => store.List(path, Limit(request), request.Query["continue"], request.Query["labelSelector"]),
                "GET" => store.Get(path),
                "POST" => store.Create(path, body!.AsObject()),
                "PUT" => store.Replace(path, body!.AsObject()),
                "PATCH" => store.Patch(path, body!, request.ContentType!.Contains("strategic", StringComparison.Ordinal)),
                "DELETE" => store.Delete(path),
                _ => Status(405, "MethodNotAllowed", "no such method"),
            };
            await AnswerAsync(context, answer);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private int Limit(HttpRequest request) =>
        Math.Min(PageLimit, int.TryParse(request.Query["limit"], out var asked) && asked > 0 ? asked : int.MaxValue);

    private static Task AnswerAsync(HttpContext context, JsonObject answer)
    {
        context.Response.StatusCode = (string?)answer["kind"] == "Status" && answer["code"] is { } code ? (int)code : 200;
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, cancellationToken: context.RequestAborted);
    }

    private async Task WatchAsync(HttpContext context, FakePath path)
    {
        var selector = (string?)context.Request.Query["labelSelector"];
        var seconds = int.TryParse(context.Request.Query["timeoutSeconds"], out var asked) ? asked : 300;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        ending.CancelAfter(TimeSpan.FromSeconds(seconds));
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        await foreach (var change in store.WatchAsync(path, long.Parse(context.Request.Query["resourceVersion"]!), selector, ending.Token))
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, change, cancellationToken: context.RequestAborted);
            await context.Response.WriteAsync("\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
