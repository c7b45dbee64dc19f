using System.CommandLine;
using System.Net.Sockets;
using Switchback.Broker;

namespace Switchback.Commands;

/// <summary><c>switchback broker stop|kill|start N --control PATH</c>: one broker of a running cluster goes, or comes back.</summary>
internal static class BrokerControlCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("stop", "End one broker of a running cluster in good order: leaders move first."),
        Create("kill", "End one broker of a running cluster as a crash does: leaders move when it has been missed for broker.session.timeout.ms."),
        Create("start", "Have a broker that was ended come back on its port."),
    ];

    private static Command Create(string verb, string description)
    {
        var broker = new Argument<int>("N") { Description = "The broker's id: 1 for the first --listen, and so on." };
        var control = new Option<string>("--control") { HelpName = "PATH", Required = true, Description = "The control socket the cluster was started with." };
        var command = new Command(verb, description) { broker, control };
        command.SetAction((parse, cancellation) => AskAsync(parse.GetValue(control)!, $"{verb} {parse.GetValue(broker)}", cancellation));
        return command;
    }

    private static async Task<int> AskAsync(string control, string line, CancellationToken cancellation)
    {
        try
        {
            var answer = await BrokerProcess.AskAsync(control, line, cancellation);
            if (answer.StartsWith("ok", StringComparison.Ordinal))
                return ExitCode.Holds;
            await Console.Error.WriteLineAsync($"switchback broker: {answer}");
        }
        catch (Exception failure) when (failure is SocketException or IOException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"switchback broker: --control {control}: {failure.Message}");
        }

        return ExitCode.CouldNotRun;
    }
}
