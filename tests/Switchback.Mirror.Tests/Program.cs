using Microsoft.Extensions.Logging;
using Switchback.Broker;
using Switchback.Broker.Configuration;
using Switchback.Mirror.Configuration;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Switchback.Mirror.Tests;

/// <summary>Runs the tests; or, as a child of a test, a mirror or an embedded cluster that can be killed. Children end with their parent.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["mirror", var config]:
                FollowParent();
                await MirrorProcess.RunAsync(MirrorOptions.Load(config), Logs().CreateLogger("mirror"), address => Console.WriteLine($"ready: {address}"), CancellationToken.None);
                return 0;
            case ["broker", var data, var configuration, .. var listen]:
                FollowParent();
                await BrokerProcess.RunAsync(new BrokerOptions { DataDirectory = data, Listen = listen, ConfigurationFile = configuration }, Console.Out, Logs().CreateLogger("broker"), CancellationToken.None);
                return 0;
            default:
                return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
        }
    }

    private static void FollowParent() => new Thread(() =>
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0)
            continue;
        Environment.Exit(2);
    })
    { IsBackground = true }.Start();

    private static ILoggerFactory Logs() =>
        LoggerFactory.Create(builder => builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
