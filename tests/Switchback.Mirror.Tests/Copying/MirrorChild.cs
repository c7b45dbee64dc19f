using System.Text.Json;
using Switchback.Mirror.Configuration;
using Switchback.Mirror.Status;
using Switchback.Mirror.Tests.Clusters;

namespace Switchback.Mirror.Tests.Copying;

/// <summary>A mirror process between the two clusters of a test, with links of the test's own.</summary>
internal sealed class MirrorChild : IAsyncDisposable
{
    private readonly string _config;
    private readonly HttpClient _http;
    private Child? _process;

    private MirrorChild(string config, int port)
    {
        _config = config;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>Writes a configuration: a link each way, for topics that begin with the test's own name; and runs the mirror.</summary>
    public static async Task<MirrorChild> StartAsync(ClusterPair pair, string test, bool groups = false)
    {
        string Link(string source, string target) => $$"""
              - name: {{source}}-{{target}}-{{test}}
                source: {{source}}
                target: {{target}}
                configs:
                  cluster.link.prefix: {{source}}-
                  topic.config.sync.ms: 1000
                  auto.create.mirror.topics.filters: ["{{test}}*"]
                  consumer.offset.sync.enable: {{(groups ? "true" : "false")}}
                  consumer.offset.group.filters: ["{{test}}*"]
            """;
        return await StartAsync($$"""
            clusters:
              north: { bootstrap.servers: "{{pair.North.Bootstrap}}" }
              west: { bootstrap.servers: "{{pair.West.Bootstrap}}" }
            links:
            {{Link("north", "west")}}
            {{Link("west", "north")}}
            """);
    }

    /// <summary>Runs a mirror with a configuration, and an address to ask it at.</summary>
    public static async Task<MirrorChild> StartAsync(string configuration)
    {
        var port = Ports.Free();
        var file = Path.Combine(Directory.CreateTempSubdirectory("switchback-mirror-").FullName, "mirror.yaml");
        await File.WriteAllTextAsync(file, $"listen: 127.0.0.1:{port}\n{configuration}");
        var mirror = new MirrorChild(file, port);
        await mirror.StartAgainAsync();
        return mirror;
    }

    /// <summary>Another mirror of the same links, as somebody starts it by mistake.</summary>
    public async Task<MirrorChild> StartTwinAsync() => await StartAsync(string.Join('\n', (await File.ReadAllLinesAsync(_config)).Skip(1)));

    /// <summary>What <c>switchback mirror status</c> prints.</summary>
    public async Task<string> TableAsync()
    {
        await using var text = new StringWriter();
        Assert.Null(await StatusTable.WriteAsync(MirrorOptions.Load(_config), text, TestContext.Current.CancellationToken));
        return text.ToString();
    }

    public async Task StartAgainAsync() => _process = await Child.StartAsync("mirror", _config);

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGSTOP.</summary>
    public void Stop() => _process!.Stop();

    /// <summary>SIGCONT.</summary>
    public void Continue() => _process!.Continue();

    public async Task<LinkStatus> StatusAsync(string source = "north")
    {
        var status = JsonSerializer.Deserialize(await _http.GetStringAsync(new Uri("status", UriKind.Relative)), StatusJson.Default.MirrorStatus)!;
        return status.Links.Single(link => link.Source == source);
    }

    public async Task<LinkStatus> LinkAsync(string name)
    {
        var status = JsonSerializer.Deserialize(await _http.GetStringAsync(new Uri("status", UriKind.Relative)), StatusJson.Default.MirrorStatus)!;
        return status.Links.Single(link => link.Name == name);
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>Waits until both links, which must know a topic, have nothing left to copy.</summary>
    public Task CaughtUpAsync() => Eventually.HoldsAsync(
        async () => (await StatusAsync()).LagRecords == 0 && (await StatusAsync("west")).LagRecords == 0,
        "both links caught up",
        () => GetAsync("status"));

    public Task ReachesAsync(Func<LinkStatus, bool> condition, string what) =>
        Eventually.HoldsAsync(async () => condition(await StatusAsync()), what, () => GetAsync("status"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_config)!, recursive: true);
    }
}
