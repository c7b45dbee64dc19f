using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

public sealed class HttpEndpointTests
{
    [Fact]
    public async Task TheMetricsHaveTheNamesAndLabelsThatDashboardsKnow()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await client.AskAsync(new ApiVersionsRequest(), 0);
        var asked = 2 * TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 1).Length + TestClient.RequestFrame(new ApiVersionsRequest(), 0, 1).Length;
        var label = $"broker=\"{broker.Address}\"";
        string[] expected =
        [
            $"proxy_connections_total{{{label}}} 1", $"proxy_opened_connections{{{label}}} 1", $"proxy_connection_errors_total{{{label}}} 0",
            $"proxy_requests_total{{api_key=\"3\",api_version=\"9\",{label}}} 2", $"proxy_requests_total{{api_key=\"18\",api_version=\"0\",{label}}} 1", $"proxy_requests_bytes{{{label}}} {asked}",
            "# TYPE proxy_connections_total counter", "# TYPE proxy_opened_connections gauge", "# TYPE proxy_requests_total counter", "# TYPE proxy_requests_bytes counter",
            "# TYPE proxy_responses_bytes counter", "# TYPE proxy_local_auth_total counter",
        ];
        var lines = (await proxy.GetAsync("/metrics")).Text.Split('\n');
        Assert.Subset(lines.ToHashSet(), expected.ToHashSet());
        var answered = lines.Single(line => line.StartsWith($"proxy_responses_bytes{{{label}}} ", StringComparison.Ordinal));
        Assert.True(long.Parse(answered[(answered.LastIndexOf(' ') + 1)..]) >= client.Received.Count, answered);
    }

    [Fact]
    public async Task ThePathsAreAsTheFlagsSay()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--http-health-path=/alive", "--http-metrics-path=/prometheus", "--http-ready-path=/serves");
        Assert.Equal((200, "OK"), await proxy.GetAsync("/alive"));
        Assert.Contains("proxy_connections_total", (await proxy.GetAsync("/prometheus")).Text);
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/serves")).Status == 200, "ready");
        foreach (var path in new[] { "/health", "/metrics", "/ready" })
        {
            Assert.Equal(404, (await proxy.GetAsync(path)).Status);
        }
    }

    [Fact]
    public async Task ThereAreNoneWhereTheyAreDisabled()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--http-disable");
        await Assert.ThrowsAsync<HttpRequestException>(() => proxy.GetAsync("/health"));
    }

    [Fact]
    public async Task NothingButGetAndHeadIsTaken()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        using var client = new HttpClient();
        using var content = new StringContent("");
        using var posted = await client.PostAsync(new Uri(proxy.Http, "/health"), content, TestContext.Current.CancellationToken);
        Assert.Equal(405, (int)posted.StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, new Uri(proxy.Http, "/health"));
        using var headed = await client.SendAsync(head, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)headed.StatusCode);
    }
}
