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

    private readonly ChildProcess process;
    private readonly HttpClient http;

    private MirrorProcess(ChildProcess process, Uri address)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
    }

    public static async Task<MirrorProcess> StartAsync(
        Scenario scenario, IReadOnlyDictionary<string, DrillCluster> clusters, Random random, DrillParts parts, DrillFolder folder, CancellationToken cancellation)
    {
        var port = FreePorts.Find(IPAddress.Loopback, 1, random)[0];
        var config = Path.Combine(folder.Of("mirror"), "mirror.yaml");
        await File.WriteAllTextAsync(config, Configuration(scenario, clusters, port), cancellation);
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (process, _) = await ChildProcess.StartAsync("mirror", [parts.Program, "mirror", "--config", config], folder.LogOf("mirror"), ReadyWithin, cancellation);
        return new MirrorProcess(process, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")));
    }

    /// <summary>How many records all links together have not copied yet; null while one of them cannot tell.</summary>
    public async Task<long?> LagAsync(CancellationToken cancellation)
    {
        try
        {
            using var status = JsonDocument.Parse(await http.GetStringAsync(new Uri("status", UriKind.Relative), cancellation));
            long sum = 0;
            foreach (var link in status.RootElement.GetProperty("links").EnumerateArray())
            {
                if (link.GetProperty("lagRecords") is not { ValueKind: JsonValueKind.Number } lag)
                {
                    return null;
                }

                sum += lag.GetInt64();
            }

            return sum;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
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
