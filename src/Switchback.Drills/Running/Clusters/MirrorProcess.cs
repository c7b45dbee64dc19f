using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Switchback.Drills.Running.Processes;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running.Clusters;

/// <summary>The mirror of a drill: one process with all links, asked over HTTP how far behind it is.</summary>
internal sealed class MirrorProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> command;
    private readonly string log;
    private readonly HttpClient http;
    private ChildProcess? process;

    public MirrorProcess(Scenario scenario, IReadOnlyDictionary<string, DrillCluster> clusters, Random random, DrillParts parts, DrillFolder folder)
    {
        var port = FreePorts.Find(IPAddress.Loopback, 1, random)[0];
        var config = Path.Combine(folder.Of("mirror"), "mirror.yaml");
        File.WriteAllText(config, Configuration(scenario, clusters, port));
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        command = [parts.Program, "mirror", "--config", config];
        log = folder.LogOf("mirror");
        http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")), Timeout = TimeSpan.FromSeconds(5) };
    }

    /// <summary>Its process; null while there is none.</summary>
    public int? ProcessId => process is { HasExited: false } running ? running.Id : null;

    public async Task StartAsync(CancellationToken cancellation) =>
        (process, _) = await ChildProcess.StartAsync("mirror", command, log, ReadyWithin, cancellation);

    /// <summary>kill -9.</summary>
    public async Task CrashAsync()
    {
        if (process is not null)
        {
            await process.CrashAsync();
            await process.DisposeAsync();
            process = null;
        }
    }

    /// <summary>Whether no link has a record left to copy or a group's place to bring over. A link that cannot tell has.</summary>
    public async Task<bool> IsCaughtUpAsync(CancellationToken cancellation)
    {
        try
        {
            using var status = JsonDocument.Parse(await http.GetStringAsync(new Uri("status", UriKind.Relative), cancellation));
            return status.RootElement.GetProperty("links").EnumerateArray().All(link => IsZero(link, "lagRecords") && IsZero(link, "groupsBehind"));
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }

        static bool IsZero(JsonElement link, string property) => link.GetProperty(property) is { ValueKind: JsonValueKind.Number } number && number.GetInt64() == 0;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await (process?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static string Configuration(Scenario scenario, IReadOnlyDictionary<string, DrillCluster> clusters, int port)
    {
        // JSON is YAML, and quotes what needs quoting.
        static string Quote(string text) => JsonSerializer.Serialize(text, MirrorJson.Default.String);

        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"listen: 127.0.0.1:{port}\n");
        yaml.Append("clusters:\n");
        foreach (var cluster in clusters.Values)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  {cluster.Name}:\n");
            foreach (var (key, value) in cluster.ClientProperties)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"    {key}: {Quote(value)}\n");
            }
        }

        yaml.Append("links:\n");
        foreach (var link in scenario.Links.Values)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - name: {link.Name}\n    source: {link.Source}\n    target: {link.Target}\n    configs:\n");
            foreach (var (key, value) in link.Configs)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"      {key}: {Quote(value)}\n");
            }
        }

        return yaml.ToString();
    }
}
