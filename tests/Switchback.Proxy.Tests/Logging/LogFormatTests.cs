using System.Text.Json;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Logging;

public sealed class LogFormatTests
{
    private static async Task<string> LogOfAsync(params string[] flags)
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--debug-enable", .. flags]);
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, "ready");
        return proxy.Log;
    }

    [Fact]
    public async Task ALineOfJsonHasTheFieldsThatTheOriginsHas()
    {
        foreach (var line in (await LogOfAsync("--log-format=json")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(["@level", "@message", "@timestamp"], json.RootElement.EnumerateObject().Select(field => field.Name).Order());
            Assert.True(json.RootElement.GetProperty("@timestamp").TryGetDateTimeOffset(out _), line);
        }
    }

    [Fact]
    public async Task TheFieldsAreNamedAsTheFlagsSay()
    {
        var log = await LogOfAsync("--log-format=json", "--log-level-fieldname=severity", "--log-time-fieldname=time", "--log-msg-fieldname=message");
        using var json = JsonDocument.Parse(log.Split('\n')[0]);
        Assert.Equal("info", json.RootElement.GetProperty("severity").GetString());
        Assert.StartsWith("Starting proxy", json.RootElement.GetProperty("message").GetString());
        Assert.True(json.RootElement.TryGetProperty("time", out _));
    }

    [Fact]
    public async Task TextIsTheDefaultAndLinesBelowTheLevelAreLeftOut()
    {
        var log = await LogOfAsync("--log-level=warning");
        var line = Assert.Single(log.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches("^time=\"[0-9T:.-]+Z\" level=warning msg=\"Flag --debug-enable has no effect here\"$", line);
    }
}
