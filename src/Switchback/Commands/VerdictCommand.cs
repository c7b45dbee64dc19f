using System.CommandLine;
using Switchback.Drills.Reports;

namespace Switchback.Commands;

internal static class VerdictCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "The report directory of a drill: the one with ledger/ in it." };
        var command = new Command("verdict", "Compute a drill's verdict again from the raw observations in DIR/ledger, and write verdict.json and report.html anew.") { directory };
        command.SetAction((parse, _) => RunAsync(parse.GetValue(directory)!));
        return command;
    }

    private static async Task<int> RunAsync(string directory)
    {
        try
        {
            var (holds, sentence) = DrillReport.Recompute(directory);
            await Console.Out.WriteLineAsync(sentence);
            return holds ? ExitCode.Holds : ExitCode.DoesNotHold;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"switchback verdict: {error.Message}");
            return ExitCode.CouldNotRun;
        }
    }
}
