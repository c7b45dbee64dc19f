using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Switchback.Bench;
using Switchback.Bench.Brokers;
using Switchback.Bench.Mirror;
using Switchback.Bench.Proxy;
using Switchback.Bench.Reloading;

namespace Switchback.Commands;

internal static class BenchCommand
{
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "The figures as JSON: in place of the text, or into this file.", Arity = ArgumentArity.ZeroOrOne };
        var rounds = new Option<int>("--rounds") { Description = "How many rounds each figure is the median of, 1 or more.", DefaultValueFactory = _ => 7 };
        var drill = new Command("drill", "A whole drill: how long it takes, its memory (PSS), and how soon each embedded part serves.") { json, rounds };
        drill.SetAction((parse, cancellation) => RunAsync(
            DrillBench.RunAsync(Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), Console.Error.WriteLine, cancellation), parse.GetResult(json)));
        return new Command("bench", "Measure a part against its rival or a bar, in one run.") { CreateBroker(json, rounds), drill, CreateProxy(json, rounds), CreateMirror(json, rounds), CreateRelay(), CreateReloader(json, rounds) };
    }

    private static Command CreateReloader(Option<string?> json, Option<int> rounds)
    {
        var command = new Command("reloader", "The reloader and the embedded Kubernetes with 5,000 workloads: time to the patch, changes kept up with, memory, lists, pods.") { json, rounds };
        command.SetAction((parse, cancellation) => RunAsync(
            ReloaderBench.RunAsync(Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), Console.Error.WriteLine, cancellation), parse.GetResult(json)));
        return command;
    }

    private static Command CreateBroker(Option<string?> json, Option<int> rounds)
    {
        var only = CreateOnly(BrokerBench.Parts);
        var command = new Command("broker", "The embedded cluster against Apache Kafka (KAFKA_HOME): throughput, processor time, latency, memory, starts.") { json, rounds, only };
        command.SetAction((parse, cancellation) => RunAsync(
            BrokerBench.RunAsync(
                Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), parse.GetValue(only) ?? [], Console.Error.WriteLine, cancellation),
            parse.GetResult(json)));
        return command;
    }

    private static Command CreateProxy(Option<string?> json, Option<int> rounds)
    {
        var rival = new Option<string?>("--rival") { Description = "A binary of grepplabs/kafka-proxy, to be measured in the same run." };
        var only = CreateOnly(ProxyBench.Parts);
        var command = new Command("proxy", "The proxy against direct connections, a bare relay and a rival, with Apache Kafka's own tools.") { json, rounds, rival, only };
        command.SetAction((parse, cancellation) => RunAsync(
            ProxyBench.RunAsync(Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), parse.GetValue(rival), parse.GetValue(only) ?? [], Console.Error.WriteLine, cancellation), parse.GetResult(json)));
        return command;
    }

    private static Command CreateMirror(Option<string?> json, Option<int> rounds)
    {
        var only = CreateOnly(MirrorBench.Parts);
        var command = new Command("mirror", "The mirror against MirrorMaker 2, between two brokers of Apache Kafka: speed, CPU, memory, lag, idle partitions, a long way.") { json, rounds, only };
        command.SetAction((parse, cancellation) => RunAsync(
            MirrorBench.RunAsync(
                Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), parse.GetValue(only) ?? [], Console.Error.WriteLine, cancellation),
            parse.GetResult(json)));
        return command;
    }

    private static Option<string[]> CreateOnly(IEnumerable<string> parts)
    {
        var only = new Option<string[]>("--only") { Description = "Measure only these parts.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. parts]);
        return only;
    }

    private static Command CreateRelay()
    {
        var listen = new Option<string>("--listen") { Required = true };
        var to = new Option<string>("--to") { Required = true };
        var authorities = new Option<string?>("--authorities");
        var command = new Command("relay", "The bare relay of the proxy's bench.") { listen, to, authorities };
        command.Hidden = true;
        command.SetAction((parse, cancellation) =>
        {
            var server = parse.GetRequiredValue(to).Split(':');
            return BareRelay.RunAsync(
                IPEndPoint.Parse(parse.GetRequiredValue(listen)),
                new DnsEndPoint(server[0], int.Parse(server[1], CultureInfo.InvariantCulture)),
                parse.GetValue(authorities),
                () => Console.Out.WriteLine("ready"),
                cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Task<BenchReport> measuring, OptionResult? json)
    {
        var processors = new ProcessorTime();
        try
        {
            var report = await measuring;
            report = report with { TakenByHost = processors.TakenByHost };
            var file = json is { Tokens: [var given, ..] } ? given.Value : null;
            await Console.Out.WriteAsync(json is null || file is not null ? report.ToText() : report.ToJson() + "\n");
            if (file is not null)
            {
                await File.WriteAllTextAsync(file, report.ToJson());
            }

            return report.Holds ? ExitCode.Holds : ExitCode.DoesNotHold;
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"switchback bench: {error.Message}");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("switchback bench: ended before it was done");
        }

        return ExitCode.CouldNotRun;
    }
}
