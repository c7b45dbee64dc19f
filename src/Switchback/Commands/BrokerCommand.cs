using System.CommandLine;
using Microsoft.Extensions.Logging;
using Switchback.Broker;
using Switchback.Broker.Configuration;

namespace Switchback.Commands;

internal static class BrokerCommand
{
    public static Command Create()
    {
        var listen = new Option<string[]>("--listen")
        {
            HelpName = "[NAME://]HOST:PORT",
            Description = "An address to listen on; give it once for each broker of the cluster. Port 0 takes any that is free. NAME says which protocol is "
                + "spoken, by the configuration's listener.security.protocol.map; without one the name is CLIENTS and the protocol PLAINTEXT unless mapped.",
        };
        var data = new Option<string>("--data")
        {
            HelpName = "DIR",
            Required = true,
            Description = "The directory that holds all of the cluster's data; it is made when it is missing. A cluster that was killed is started again on it.",
        };
        var config = new Option<string?>("--config")
        {
            HelpName = "FILE",
            Description = "A file of Apache Kafka's server.properties keys, such as num.partitions, auto.create.topics.enable, log.retention.ms, "
                + "listener.security.protocol.map, ssl.keystore.location, plain.sasl.jaas.config.",
        };
        var after = new Option<string?>("--after")
        {
            HelpName = "power-loss",
            Description = "What happened to the machine since the cluster ran. power-loss: every log is cut back to what was forced to disk "
                + "(log.flush.interval.messages, or log.flush.interval.ms with log.flush.scheduler.interval.ms); use it once, after kill -9.",
        };
        after.AcceptOnlyFromAmong("power-loss");
        var control = new Option<string?>("--control")
        {
            HelpName = "PATH",
            Description = "A Unix socket, its owner's alone, for 'switchback broker stop|kill|start N --control PATH': one broker of several goes and comes back.",
        };
        var command = new Command("broker", "Run one embedded Kafka cluster: a broker for each --listen, data on disk. Prints 'ready: HOST:PORT,..' when it serves.")
        {
            listen, data, config, after, control,
        };
        command.SetAction((parse, cancellation) => RunAsync(
            new BrokerOptions
            {
                Listen = parse.GetValue(listen) ?? [],
                DataDirectory = parse.GetValue(data)!,
                ConfigurationFile = parse.GetValue(config),
                AfterPowerLoss = parse.GetValue(after) == "power-loss",
                ControlSocket = parse.GetValue(control),
            },
            cancellation));
        foreach (var subcommand in BrokerControlCommands.Create())
            command.Add(subcommand);
        return command;
    }

    private static async Task<int> RunAsync(BrokerOptions options, CancellationToken cancellation)
    {
        using var logging = LoggerFactory.Create(builder => builder
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(format =>
            {
                format.SingleLine = true;
                format.TimestampFormat = "HH:mm:ss.fff ";
            }));
        try
        {
            await BrokerProcess.RunAsync(options, Console.Out, logging.CreateLogger("broker"), cancellation);
            return ExitCode.Holds;
        }
        catch (ConfigurationException failure)
        {
            foreach (var error in failure.Errors)
                await Console.Error.WriteLineAsync($"switchback broker: {error}");
            return ExitCode.CouldNotRun;
        }
    }
}
