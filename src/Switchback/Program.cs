using System.CommandLine;
using Switchback.Commands;

namespace Switchback;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        Lifeline.Follow();

        var root = new RootCommand("Disaster recovery for Kafka that is rehearsed, measured and believed.")
        {
            DrillCommand.Create(),
            SwitchCommand.Create(),
            LoadCommand.Create(),
            VerdictCommand.Create(),
            BrokerCommand.Create(),
            KubernetesCommand.Create(),
            ProxyCommand.Create(),
            ReloaderCommand.Create(),
            MirrorCommand.Create(),
            BenchCommand.Create(),
        };

        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
        {
            // Each command ends by its cancellation, and in its own time: a proxy drains, a drill ends what it started.
            using var termination = new Termination();
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, termination.Token);
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"switchback: {error.Message}");
        }

        return ExitCode.CouldNotRun;
    }
}
