using System.CommandLine;
using Microsoft.Extensions.Logging;
using Switchback.Mirror;
using Switchback.Mirror.Configuration;
using Switchback.Mirror.Status;

namespace Switchback.Commands;

internal static class MirrorCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = "The configuration, YAML: clusters by their client properties, links between them, and the address to listen at for status. See docs/mirror.md.",
            Required = true,
            Recursive = true,
            HelpName = "FILE",
        };
        var command = new Command("mirror", "Copy topics, and the groups' places in them, between clusters: exactly once, in order, and the way back.") { config };
        var status = new Command("status", "Show how the links of a running mirror stand, as a table.");
        status.SetAction((parse, cancellation) => ShowAsync(parse.GetRequiredValue(config).FullName, cancellation));
        command.Subcommands.Add(status);
        command.SetAction((parse, cancellation) => RunAsync(parse.GetRequiredValue(config).FullName, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string file, CancellationToken cancellation)
    {
        if (Load(file) is not { } options)
            return ExitCode.CouldNotRun;
        using var logs = LoggerFactory.Create(builder => builder
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(format =>
            {
                format.SingleLine = true;
                format.TimestampFormat = "HH:mm:ss.fff ";
            }));
        try
        {
            await MirrorProcess.RunAsync(options, logs.CreateLogger("mirror"), address => Console.WriteLine($"ready: {address}"), cancellation);
            return ExitCode.Holds;
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"switchback mirror: {e.Message}");
            return ExitCode.CouldNotRun;
        }
    }

    private static async Task<int> ShowAsync(string file, CancellationToken cancellation)
    {
        if (Load(file) is not { } options)
            return ExitCode.CouldNotRun;
        if (await StatusTable.WriteAsync(options, Console.Out, cancellation) is not { } problem)
            return ExitCode.Holds;
        Console.Error.WriteLine($"switchback mirror: {problem}");
        return ExitCode.CouldNotRun;
    }

    private static MirrorOptions? Load(string file)
    {
        try
        {
            return MirrorOptions.Load(file);
        }
        catch (MirrorConfigurationException e)
        {
            foreach (var error in e.Errors)
                Console.Error.WriteLine($"switchback mirror: {error}");
            return null;
        }
    }
}
