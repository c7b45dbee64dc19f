using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes;

namespace Switchback.Commands;

internal static class KubernetesCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Required = true, HelpName = "DIR", Description = "Where state, kubeconfig, logs and volumes are kept; made when missing. A restart on the same directory goes on where it was." };
        var listen = new Option<string>("--listen") { HelpName = "ADDRESS:PORT", Description = "Where the API listens, on loopback. Port 0 takes the last run's port when it is free.", DefaultValueFactory = _ => "127.0.0.1:0" };
        var network = new Option<string>("--network") { Description = "namespaces: each pod has a network of its own (needs root); shared: pods share the machine's network; auto: namespaces where the system allows it.", DefaultValueFactory = _ => "auto" };
        network.AcceptOnlyFromAmong("auto", "namespaces", "shared");
        var catalogue = new Option<string?>("--catalogue") { HelpName = "FILE", Description = "A YAML file that maps image names to programs, besides the images that are built in." };
        var trust = new Option<string?>("--trust") { HelpName = "FILE", Description = "A PEM file of certificate authorities that the programs in pods trust besides the system's." };
        var verbose = new Option<bool>("--verbose") { Description = "Log every request." };
        var command = new Command(
            "kubernetes",
            """
            Run the embedded Kubernetes platform: an API server that kubectl talks to, controllers, and a node that runs containers as processes.

            It prints "ready: https://127.0.0.1:PORT" when it serves, and ends all its pods at Ctrl-C. In another terminal:

              export KUBECONFIG=DIR/kubeconfig
              kubectl get pods -A
            """)
        {
            data, listen, network, catalogue, trust, verbose,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new LocalPlatformOptions
            {
                DataDirectory = parsed.GetRequiredValue(data),
                Network = parsed.GetRequiredValue(network),
                CatalogueFile = parsed.GetValue(catalogue),
                TrustFile = parsed.GetValue(trust),
            },
            parsed.GetRequiredValue(listen),
            parsed.GetValue(verbose),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LocalPlatformOptions options, string listen, bool verbose, CancellationToken cancellation)
    {
        var errors = Check(options, listen, out var address);
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync($"switchback kubernetes: {error}");
        }

        if (errors.Count > 0)
        {
            return ExitCode.CouldNotRun;
        }

        using var logs = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddSimpleConsole(console => console.SingleLine = true)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        try
        {
            await LocalPlatform.RunAsync(
                options with { Listen = address, Logs = logs },
                platform =>
                {
                    Console.Out.WriteLine($"ready: {platform.Address.GetLeftPart(UriPartial.Authority)}");
                    Console.Error.WriteLine($"export KUBECONFIG={platform.KubeConfigPath}");
                },
                cancellation);
            return ExitCode.Holds;
        }
        catch (LocalPlatformException failure)
        {
            foreach (var line in failure.Message.Split('\n'))
            {
                await Console.Error.WriteLineAsync($"switchback kubernetes: {line}");
            }

            return ExitCode.CouldNotRun;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Holds;
        }
    }

    private static List<string> Check(LocalPlatformOptions options, string listen, out IPEndPoint address)
    {
        var errors = new List<string>();
        if (!IPEndPoint.TryParse(listen, out address!) || !listen.Contains(':', StringComparison.Ordinal))
        {
            errors.Add($"--listen {listen}: must be ADDRESS:PORT, for example 127.0.0.1:6443");
        }
        else if (!IPAddress.IsLoopback(address.Address))
        {
            errors.Add($"--listen {listen}: must be a loopback address; whoever reaches the API runs programs on this machine");
        }

        foreach (var (name, file) in new[] { ("--catalogue", options.CatalogueFile), ("--trust", options.TrustFile) })
        {
            if (file is not null && !File.Exists(file))
            {
                errors.Add($"{name} {file}: there is no such file");
            }
        }

        return errors;
    }
}
