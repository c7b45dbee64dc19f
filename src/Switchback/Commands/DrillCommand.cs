using System.CommandLine;
using System.Globalization;
using Switchback.Drills.Campaigns;
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
        var seed = new Option<int?>("--seed") { Description = "The seed of everything random in the drill (default: 1, with --random-faults any)." };
        var randomFaults = new Option<bool>("--random-faults") { Description = "Draw the kind of disaster, and more faults at moments of their own, from the seed." };
        var repeat = new Option<int>("--repeat") { Description = "Play N drills, each with the next seed, until one does not hold.", HelpName = "N", DefaultValueFactory = _ => 1 };
        repeat.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError("--repeat: a number from 1 to 10000 would be right");
            }
        });
        var keep = new Option<bool>("--keep") { Description = "Leave everything up after the verdict, to look around; Ctrl-C ends it." };
        var command = new Command("drill", "Play a whole disaster recovery scenario on this machine and answer with a verdict counted from records.")
        {
            scenario, kafka, kubernetes, network, report, seed, randomFaults, repeat, keep,
        };
        command.SetAction((parse, cancellation) => RunAsync(
            new DrillOptions
            {
                Scenario = parse.GetRequiredValue(scenario),
                Kafka = parse.GetRequiredValue(kafka),
                Kubernetes = parse.GetRequiredValue(kubernetes),
                Network = parse.GetRequiredValue(network),
                Report = parse.GetValue(report) ?? DefaultReport(parse.GetRequiredValue(scenario)),
                Seed = parse.GetValue(seed) ?? (parse.GetRequiredValue(randomFaults) ? Random.Shared.Next(1_000_000) : 1),
                RandomFaults = parse.GetRequiredValue(randomFaults),
                Keep = parse.GetRequiredValue(keep),
                Program = Environment.ProcessPath!,
                ScenarioFolders = ["scenarios", Path.Combine(Environment.GetEnvironmentVariable("SWITCHBACK_HOME") ?? ".", "scenarios")],
            },
            parse.GetRequiredValue(repeat),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DrillOptions options, int repeat, CancellationToken cancellation)
    {
        if (options.Kafka is not (DrillOptions.Embedded or DrillOptions.Apache))
        {
            await Console.Error.WriteLineAsync(
                $"switchback drill: --kafka {options.Kafka}: embedded and apache can be drilled so far; client properties files of existing clusters are for later");
            return ExitCode.CouldNotRun;
        }

        try
        {
            var holds = repeat == 1 && !options.RandomFaults ? Drill.RunAsync(options, cancellation) : DrillCampaign.RunAsync(options, repeat, cancellation);
            return await holds ? ExitCode.Holds : ExitCode.DoesNotHold;
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
