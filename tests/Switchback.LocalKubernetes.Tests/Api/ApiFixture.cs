using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>A whole platform on a directory of its own, asked over HTTPS with its token.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private LocalPlatform? platform;
    private HttpClient? http;

    public string DataDirectory => directory.Path;

    public LocalPlatform Platform => platform!;

    public HttpClient Http => http!;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        directory.Dispose();
    }

    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(directory["images.yaml"], "images:\n  sh: { command: [/bin/sh, -c] }\n");
        platform = await LocalPlatform.StartAsync(
            new LocalPlatformOptions { DataDirectory = directory.Path, Network = "shared", CatalogueFile = directory["images.yaml"] },
            TestContext.Current.CancellationToken);
        http = Client((await File.ReadAllTextAsync(directory["admin.token"])).Trim());
    }

    public async Task StopAsync()
    {
        http?.Dispose();
        await (platform?.DisposeAsync() ?? ValueTask.CompletedTask);
        platform = null;
    }

    /// <summary>A client that trusts the platform's authority and nothing else.</summary>
    public HttpClient Client(string? token)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(directory["ca.crt"]));
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = Platform.Address, Timeout = TimeSpan.FromSeconds(60) };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    public async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json", string? accept = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var response = await (client ?? Http).SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(text)!.AsObject());
    }

    /// <summary>A namespace of the test's own.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = "t-" + Guid.NewGuid().ToString("N")[..8];
        var (code, body) = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        Assert.True(code == HttpStatusCode.Created, body.ToJsonString());
        return name;
    }

    /// <summary>Runs the real kubectl; skips the test where there is none.</summary>
    public async Task<(int Code, string Output, string Error)> KubectlAsync(string arguments, string? input = null)
    {
        var kubectl = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, "kubectl")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(kubectl is null, "kubectl is not installed");
        var start = new ProcessStartInfo(kubectl!, arguments.Split(' ')) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["KUBECONFIG"] = Platform.KubeConfigPath;
        start.Environment["HOME"] = directory.Path;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
