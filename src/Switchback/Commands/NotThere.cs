using System.CommandLine;

namespace Switchback.Commands;

internal static class NotThere
{
    public static Command Yet(string name, string description)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(_ =>
        {
            Console.Error.WriteLine($"switchback: {name} is not there yet");
            return ExitCode.CouldNotRun;
        });
        return command;
    }
}
