using System.CommandLine;
using System.CommandLine.Parsing;
using Switchback.Proxy;
using Switchback.Proxy.Settings;

namespace Switchback.Commands;

internal static class ProxyCommand
{
    public static Command Create() => new("proxy", "The Kafka proxy sidecar, with the flags of grepplabs/kafka-proxy.")
    {
        CreateServer(),
        CreateVersion(),
    };

    private static Command CreateServer()
    {
        var command = new Command("server", "Run the proxy: clients connect in plaintext and without credentials, the proxy connects to the brokers by TLS and SASL.");
        var options = ProxyFlags.All.ToDictionary(flag => flag.Name, CreateOption);
        foreach (var flag in ProxyFlags.All)
        {
            command.Options.Add(options[flag.Name]);
        }

        command.SetAction((parsed, ended) => RunAsync(parsed, options, ended));
        return command;
    }

    private static Option<string[]> CreateOption(ProxyFlag flag) => new($"--{flag.Name}")
    {
        Description = flag.Default.Length > 0 ? $"{flag.Help} (default {flag.Default})" : flag.Help,
        Arity = flag.Kind == ProxyFlagKind.Bool ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        HelpName = flag.Kind.ToString().ToLowerInvariant(),
        Hidden = flag.Support != ProxyFlagSupport.Yes,
    };

    private static Command CreateVersion()
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(_ => Console.Out.WriteLine(ProxyServer.Version));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Dictionary<string, Option<string[]>> options, CancellationToken ended)
    {
        SecretArguments.Hide();
        ProxyServer.PreferThroughput();
        using var log = Console.OpenStandardError();
        var server = ProxyServer.Create(Given(parsed, options), Environment.GetEnvironmentVariable, log, out var errors);
        if (server is null)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"switchback proxy: {error}");
            }

            return ExitCode.CouldNotRun;
        }

        server.Listening = addresses => Console.Out.WriteLine($"ready: {string.Join(',', addresses)}");

        // The first signal drains; a second one ends the process at once.
        if (await server.RunAsync(drain: ended, stop: CancellationToken.None) is { } reason)
        {
            await Console.Error.WriteLineAsync($"switchback proxy: {reason}");
            return ExitCode.CouldNotRun;
        }

        return ExitCode.Holds;
    }

    private static Dictionary<string, IReadOnlyList<string>> Given(ParseResult parsed, Dictionary<string, Option<string[]>> options)
    {
        var given = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (name, option) in options)
        {
            if (parsed.GetResult(option) is OptionResult { Implicit: false } result)
            {
                given[name] = result.Tokens.Count > 0 ? [.. result.Tokens.Select(token => token.Value)] : ["true"];
            }
        }

        return given;
    }
}
