using System.CommandLine;
using System.Globalization;
using Switchback.Drills.Ledger;
using Switchback.Drills.Running;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Commands;

internal static class DrillCommand
{
    public static Command Create()
    {
        var scenario = new Argument<string>("NAME|FILE") { Description = "A scenario under scenarios/, such as active-active, or the path of a scenario file." };
        var kafka = new Option<string>("--kafka") { Description = "The clusters: embedded (the default), or apache: Apache Kafka, with KAFKA_HOME naming its folder.", DefaultValueFactory = _ => "embedded" };
        var kubernetes = new Option<string>("--kubernetes") { Description = "The platform: embedded (the default), or a context of the kubeconfig. The drill deletes there what it applied.", DefaultValueFactory = _ => "embedded" };
        var network = new Option<string>("--network")
        {
            Description = "The embedded platform's network: namespaces, shared, or auto (namespaces where that is allowed).",
            DefaultValueFactory = _ => "auto",
        };
        network.AcceptOnlyFromAmong("auto", "namespaces", "shared");
        var report = new Option<string?>("--report") { Description = "The folder for verdict.json, report.html and ledger/ (default: switchback-report/NAME-TIME)." };
        var seed = new Option<int>("--seed") { Description = "The seed of everything random in the drill.", DefaultValueFactory = _ => 1 };
        var keep = new Option<bool>("--keep") { Description = "Leave everything up after the verdict, to look around; Ctrl-C ends it." };
        var command = new Command("drill", "Play a whole disaster recovery scenario on this machine and answer with a verdict counted from records.")
        {
            scenario, kafka, kubernetes, network, report, seed, keep,
        };
        command.SetAction((parse, cancellation) => RunAsync(
            new DrillOptions
            {
                Scenario = parse.GetRequiredValue(scenario),
                Kafka = parse.GetRequiredValue(kafka),
                Kubernetes = parse.GetRequiredValue(kubernetes),
                Network = parse.GetRequiredValue(network),
                Report = parse.GetValue(report) ?? DefaultReport(parse.GetRequiredValue(scenario)),
                Seed = parse.GetRequiredValue(seed),
                Keep = parse.GetRequiredValue(keep),
                Program = Environment.ProcessPath!,
                ScenarioFolders = ["scenarios", Path.Combine(Environment.GetEnvironmentVariable("SWITCHBACK_HOME") ?? ".", "scenarios")],
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DrillOptions options, CancellationToken cancellation)
    {
        if (options.Kafka is not (DrillOptions.Embedded or DrillOptions.Apache))
        {
            await Console.Error.WriteLineAsync(
                $"switchback drill: --kafka {options.Kafka}: embedded and apache can be drilled so far; client properties files of existing clusters are for later");
            return ExitCode.CouldNotRun;
        }

        try
        {
            return await Drill.RunAsync(options, cancellation) ? ExitCode.Holds : ExitCode.DoesNotHold;
        }
        catch (ScenarioException error)
        {
            foreach (var line in error.Errors)
            {
                await Console.Error.WriteLineAsync($"switchback drill: {line}");
            }
        }
        catch (Exception error) when (error is DrillException or LedgerException or ManifestException or KubernetesException or KubeConfigException
            or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync($"switchback drill: {error.Message}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("switchback drill: ended before it was done; everything it had started is gone");
        }

        return ExitCode.CouldNotRun;
    }

    private static string DefaultReport(string scenario) => Path.Combine(
        "switchback-report", $"{Path.GetFileNameWithoutExtension(scenario)}-{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
}
