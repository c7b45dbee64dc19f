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
    private ChildProcess? process;

    public EmbeddedCluster(ClusterSpec spec, IPAddress host, Random random, DrillParts parts, DrillFolder folder, DrillCertificates certificates)
        : base(spec, host, random, certificates)
    {
        log = folder.LogOf(spec.Name);
        var data = folder.Of(spec.Name);
        var config = Path.Combine(data, "server.properties");
        WriteConfiguration(config, Configuration(spec));
        command =
        [
            parts.Program, "broker",
            .. BootstrapServers.SelectMany(address => new[] { "--listen", address }),
            "--data", Path.Combine(data, "data"), "--config", config,
        ];
    }

    public override bool IsUp => process is { HasExited: false };

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

    public override ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
