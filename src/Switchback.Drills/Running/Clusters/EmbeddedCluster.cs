using System.Net;
using Switchback.Drills.Running.Processes;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running.Clusters;

/// <summary>An embedded cluster: one broker process with several listeners, its data in a folder of its own.</summary>
internal sealed class EmbeddedCluster : DrillCluster
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> command;
    private readonly string log;
    private readonly string data;
    private ChildProcess? process;

    public EmbeddedCluster(ClusterSpec spec, IPAddress host, bool behindRelay, Random random, DrillParts parts, DrillFolder folder, DrillCertificates certificates)
        : base(spec, host, behindRelay, random, certificates)
    {
        log = folder.LogOf(spec.Name);
        var home = folder.Of(spec.Name);
        data = Path.Combine(home, "data");
        var config = Path.Combine(home, "server.properties");
        var lines = Configuration(spec);
        lines["advertised.listeners"] = string.Join(',', BootstrapServers.Select(address => $"CLIENTS://{address}"));
        WriteConfiguration(config, lines);
        command =
        [
            parts.Program, "broker",
            .. Listeners.SelectMany(address => new[] { "--listen", address }),
            "--data", data, "--config", config,
        ];
    }

    public override bool IsUp => process is { HasExited: false };

    public override IReadOnlyList<int> Processes => process is { HasExited: false } running ? [running.Id] : [];

    public override async Task StartAsync(CancellationToken cancellation) =>
        (process, _) = await ChildProcess.StartAsync(Name, command, log, ReadyWithin, cancellation);

    public override async Task CrashAsync()
    {
        if (process is not null)
        {
            await process.CrashAsync();
            await process.DisposeAsync();
            process = null;
        }
    }

    public override async Task StartAfterPowerLossAsync(CancellationToken cancellation) =>
        (process, _) = await ChildProcess.StartAsync(Name, [.. command, "--after", "power-loss"], log, ReadyWithin, cancellation);

    public override async Task DestroyAsync()
    {
        await CrashAsync();
        Directory.Delete(data, recursive: true);
    }

    public override ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
