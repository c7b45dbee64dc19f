using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>
/// A Kubernetes asked over HTTPS: a whole embedded platform on a directory of its own, or the cluster that <c>SWITCHBACK_TEST_KUBERNETES</c> names by its
/// context (<c>./test --kubernetes CONTEXT</c> runs the tests of the suite once more there). What is not in that one's version is a named skip.
/// </summary>
public sealed class ApiFixture : IAsyncLifetime
{
    /// <summary>The trait of the tests that hold for every Kubernetes.</summary>
    public const string Suite = "Suite";

    /// <summary>The trait's value.</summary>
    public const string Kubernetes = "Kubernetes";

    private static readonly string? Context = Environment.GetEnvironmentVariable("SWITCHBACK_TEST_KUBERNETES") is { Length: > 0 } context ? context : null;

    private readonly TemporaryDirectory directory = new();
    private readonly List<string> namespaces = [];
    private KubeConfig? cluster;
    private int minor = 32;
    private LocalPlatform? platform;
    private HttpClient? http;

    public string DataDirectory => directory.Path;

    public LocalPlatform Platform => platform!;

    public HttpClient Http => http!;

    /// <summary>Whether this is a cluster that was there before.</summary>
    public bool IsForeign => cluster is not null;

    public async ValueTask InitializeAsync()
    {
        if (Context is null)
        {
            await StartAsync();
            return;
        }

        cluster = KubeConfig.Load(context: Context);
        http = Client(cluster.Token is { } token ? await token.GetAsync(TestContext.Current.CancellationToken) : null, cluster.ClientCertificate);
        var (_, version) = await SendAsync(HttpMethod.Get, "/version");
        // A server that was built without its number says nothing of use.
        minor = int.TryParse(version.Text("minor")?.TrimEnd('+'), out var number) && number > 0 ? number : 20;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsForeign)
        {
            foreach (var ns in namespaces)
            {
                await SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}");
            }
        }

        await StopAsync();
        directory.Dispose();
    }

    /// <summary>The test is about the embedded platform's own process, files or documented differences.</summary>
    public void OnlyEmbedded(string why) => Assert.SkipWhen(IsForeign, $"only of the embedded platform: {why}");

    /// <summary>The test needs what came with a version of Kubernetes: 1.<paramref name="since"/>.</summary>
    public void Since(int since, string what) => Assert.SkipWhen(minor < since, $"{what} came with 1.{since}; this cluster is 1.{minor}");

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
    public HttpClient Client(string? token, X509Certificate2? certificate = null)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.AddRange(cluster?.CertificateAuthorities ?? [X509CertificateLoader.LoadCertificateFromFile(directory["ca.crt"])]);
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        var client = new HttpClient(handler) { BaseAddress = cluster?.Server ?? Platform.Address, Timeout = TimeSpan.FromSeconds(60) };
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
        return (response.StatusCode, Parse(text));
    }

    /// <summary>A namespace of the test's own.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = "t-" + Guid.NewGuid().ToString("N")[..8];
        var (code, body) = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        Assert.True(code == HttpStatusCode.Created, body.ToJsonString());
        namespaces.Add(name);
        // Its controllers give it an account and a certificate authority in their own time, and a pod needs both.
        await Eventually.HoldsAsync(
            async () => (await SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}/serviceaccounts/default")).Code == HttpStatusCode.OK
                && (await SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")).Code == HttpStatusCode.OK,
            "the namespace has its service account and its certificate authority");
        return name;
    }

    /// <summary>Runs the real kubectl; skips the test where there is none.</summary>
    public async Task<(int Code, string Output, string Error)> KubectlAsync(string arguments, string? input = null)
    {
        var kubectl = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, "kubectl")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(kubectl is null, "kubectl is not installed");
        var start = new ProcessStartInfo(kubectl!, arguments.Split(' ')) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        if (IsForeign)
        {
            start.ArgumentList.Insert(0, $"--context={Context}");
        }
        else
        {
            start.Environment["KUBECONFIG"] = Platform.KubeConfigPath;
            start.Environment["HOME"] = directory.Path;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs the real kubectl, which has to succeed; gives what it printed.</summary>
    public async Task<string> OkAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: {error}");
        return output.Trim();
    }

    /// <summary>Waits for what an object of the API says.</summary>
    public Task UntilAsync(string path, Func<JsonObject, bool> condition, string what)
    {
        JsonObject seen = [];
        return Eventually.HoldsAsync(
            async () => condition(seen = (await SendAsync(HttpMethod.Get, path)).Body), what, () => Task.FromResult(seen.ToJsonString()));
    }

    /// <summary>A container's log as it is now.</summary>
    public async Task<string> LogAsync(string ns, string pod, string query = "")
    {
        using var response = await Http.GetAsync($"/api/v1/namespaces/{ns}/pods/{pod}/log?{query}", TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Some refusals of a real server are plain text.</summary>
    private static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text)!.AsObject();
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["message"] = text };
        }
    }
}
