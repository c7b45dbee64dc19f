using System.CommandLine;
using Switchback.Drills.Switching;
using Switchback.Kubernetes;

namespace Switchback.Commands;

internal static class SwitchCommand
{
    public static Command Create()
    {
        var client = new Argument<string>("CLIENT") { Description = "Which clients: proxy (those behind the sidecar), producer or consumer (those without it)." };
        client.AcceptOnlyFromAmong([.. ClientSwitch.Clients]);
        var cluster = new Argument<string>("CLUSTER") { Description = "Where to: north or west." };
        cluster.AcceptOnlyFromAmong("north", "west");
        var kubernetes = new Option<string?>("--kubernetes") { Description = "A context of the kubeconfig (default: its current one)." };
        var values = new Option<string?>("--values")
        {
            Description = "The folder with proxy/values and no-proxy/values, such as deploy/fill writes (default: filled, else deploy).",
        };
        var within = new Option<int>("--within") { Description = "How many seconds the rollout may take.", DefaultValueFactory = _ => 300 };
        var command = new Command("switch", "Fail over or fail back one kind of client: change its ConfigMap and watch the rollout.")
        {
            client, cluster, kubernetes, values, within,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new ClientSwitch(parsed.GetRequiredValue(client), parsed.GetRequiredValue(cluster)),
            parsed.GetValue(kubernetes),
            parsed.GetValue(values),
            TimeSpan.FromSeconds(parsed.GetValue(within)),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ClientSwitch change, string? context, string? values, TimeSpan within, CancellationToken cancellation)
    {
        try
        {
            var (file, configMap) = change.Read(Folders(values), Environment.GetEnvironmentVariable);
            using var client = new KubernetesClient(KubeConfig.Load(context: context));
            var done = await new SwitchRun(client, Console.Out).RunAsync(configMap, Path.GetRelativePath(".", file), within, cancellation);
            return done ? ExitCode.Holds : ExitCode.DoesNotHold;
        }
        catch (Exception failure) when (failure is SwitchException or ManifestException or KubeConfigException or KubernetesException
            or HttpRequestException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"switchback switch: {failure.Message}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("switchback switch: no longer watching; what was applied stays applied");
        }

        return ExitCode.CouldNotRun;
    }

    private static string[] Folders(string? values)
    {
        if (values is not null)
        {
            return [values];
        }

        var home = Environment.GetEnvironmentVariable("SWITCHBACK_HOME");
        return home is null ? ["filled", "deploy"] : ["filled", "deploy", Path.Combine(home, "filled"), Path.Combine(home, "deploy")];
    }
}
