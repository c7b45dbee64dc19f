using System.CommandLine;
using Switchback.Bench;

namespace Switchback.Commands;

internal static class BenchCommand
{
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Write the figures to this file as JSON, too." };
        var rounds = new Option<int>("--rounds") { Description = "How many rounds each figure is the median of, 1 or more.", DefaultValueFactory = _ => 7 };
        var drill = new Command("drill", "A whole drill: how long it takes, its memory (PSS), and how soon each embedded part serves.") { json, rounds };
        drill.SetAction((parse, cancellation) => RunAsync(
            DrillBench.RunAsync(Environment.ProcessPath!, Math.Max(1, parse.GetRequiredValue(rounds)), Console.Error.WriteLine, cancellation), parse.GetValue(json)));
        return new Command("bench", "Measure a part against its rival or a bar, in one run.") { drill };
    }

    private static async Task<int> RunAsync(Task<BenchReport> measuring, string? json)
    {
        try
        {
            var report = await measuring;
            await Console.Out.WriteAsync(report.ToText());
            if (json is not null)
            {
                await File.WriteAllTextAsync(json, report.ToJson());
            }

            return report.Holds ? ExitCode.Holds : ExitCode.DoesNotHold;
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"switchback bench: {error.Message}");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("switchback bench: ended before it was done");
        }

        return ExitCode.CouldNotRun;
    }
}
