using System.Text.Json;
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
        var port = Ports.Free();
        var file = Path.Combine(Directory.CreateTempSubdirectory("switchback-mirror-").FullName, "mirror.yaml");
        string Link(string source, string target) => $$"""
              - name: {{source}}-{{target}}-{{test}}
                source: {{source}}
                target: {{target}}
                configs:
                  cluster.link.prefix: {{source}}-
                  auto.create.mirror.topics.filters: ["{{test}}*"]
                  consumer.offset.sync.enable: {{(groups ? "true" : "false")}}
                  consumer.offset.group.filters: ["{{test}}*"]
            """;
        await File.WriteAllTextAsync(file, $$"""
            listen: 127.0.0.1:{{port}}
            clusters:
              north: { bootstrap.servers: "{{pair.North.Bootstrap}}" }
              west: { bootstrap.servers: "{{pair.West.Bootstrap}}" }
            links:
            {{Link("north", "west")}}
            {{Link("west", "north")}}
            """);
        var mirror = new MirrorChild(file, port);
        await mirror.StartAgainAsync();
        return mirror;
    }

    /// <summary>Another mirror of the same links, as somebody starts it by mistake.</summary>
    public async Task<MirrorChild> StartTwinAsync()
    {
        var port = Ports.Free();
        var file = Path.Combine(Directory.CreateTempSubdirectory("switchback-mirror-").FullName, "mirror.yaml");
        var lines = await File.ReadAllLinesAsync(_config);
        lines[0] = $"listen: 127.0.0.1:{port}";
        await File.WriteAllLinesAsync(file, lines);
        var twin = new MirrorChild(file, port);
        await twin.StartAgainAsync();
        return twin;
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
