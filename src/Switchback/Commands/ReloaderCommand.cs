using System.CommandLine;
using Microsoft.Extensions.Logging;
using Switchback.Reloader;
using Switchback.Reloader.Serving;

namespace Switchback.Commands;

internal static class ReloaderCommand
{
    public static Command Create()
    {
        var flags = new ReloaderFlags();
        var command = new Command(
            "reloader",
            "Roll workloads when the ConfigMaps and Secrets they use change. Takes the flags and annotations of stakater/Reloader. "
            + "Runs in a pod with its service account, or anywhere with a kubeconfig.");
        flags.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(flags, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ReloaderFlags flags, ParseResult parsed, CancellationToken cancellation)
    {
        var errors = new List<string>();
        var level = flags.Level(parsed, errors);
        var json = flags.IsJson(parsed, errors);
        using var logging = LoggerFactory.Create(builder =>
            builder.SetMinimumLevel(level).AddProvider(new LineLoggerProvider(Console.Error, level, json)));
        var options = flags.Bind(parsed, logging, errors);
        if (options is null || errors.Count > 0)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"switchback reloader: {error}");
            }

            return ExitCode.CouldNotRun;
        }

        try
        {
            await ReloaderProcess.RunAsync(options, cancellation);
            return ExitCode.Holds;
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"switchback reloader: {failure.Message}");
            return ExitCode.CouldNotRun;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Holds;
        }
    }
}
