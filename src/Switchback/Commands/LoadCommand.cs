using System.CommandLine;
using Switchback.Drills.Load;

namespace Switchback.Commands;

internal static class LoadCommand
{
    private const int MostRequests = 10_000_000;
    private const int MostUsers = 10_000;

    public static Command Create()
    {
        var url = new Argument<string>("URL")
        {
            Description = "What is posted to, such as http://10.0.0.7:8080/chuck-says; without a path, /chuck-says.",
        };
        var requests = new Option<int>("--requests") { HelpName = "N", DefaultValueFactory = _ => 1000, Description = "How many requests in all." };
        var users = new Option<int>("--users") { HelpName = "N", DefaultValueFactory = _ => 10, Description = "How many users at a time; each posts again as soon as it was answered." };
        var report = new Option<string?>("--report") { HelpName = "FILE.html", Description = "Writes a report for people, one file that opens in any browser." };
        var json = new Option<string?>("--json") { HelpName = "FILE", Description = "Writes the summary for machines; - for standard output." };
        var command = new Command(
            "load", "Send the scenario's load test: 1,000 POST requests by 10 concurrent users. Exits with 0 when every request succeeded, with 1 when one did not.")
        {
            url, requests, users, report, json,
        };
        command.SetAction((parse, cancellation) => RunAsync(
            parse.GetValue(url)!, parse.GetValue(requests), parse.GetValue(users), parse.GetValue(report), parse.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string url, int requests, int users, string? report, string? json, CancellationToken cancellation)
    {
        List<string> errors =
        [
            .. Range("--requests", requests, MostRequests),
            .. Range("--users", users, MostUsers),
            .. Writable("--report", report),
            .. Writable("--json", json == "-" ? null : json),
        ];
        if (!Uri.TryCreate(url, UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            errors.Add($"URL '{url}' is not an http or https address; http://HOST:8080/chuck-says would be right");
        }

        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                await Console.Error.WriteLineAsync($"switchback load: {error}");
            }

            return ExitCode.CouldNotRun;
        }

        var place = target!.AbsolutePath == "/" ? new Uri(target, "/chuck-says") : target;
        var summary = await LoadTest.RunAsync(new LoadTestOptions(place, requests, users), new LoadProgress(requests), cancellation);
        var text = json == "-" ? Console.Error : Console.Out;
        await text.WriteLineAsync(LoadReport.Text(summary));
        if (report is not null)
        {
            await File.WriteAllTextAsync(report, LoadReport.Page(summary), CancellationToken.None);
        }

        if (json is not null)
        {
            await (json == "-" ? Console.Out.WriteLineAsync(summary.ToJson()) : File.WriteAllTextAsync(json, summary.ToJson() + "\n", CancellationToken.None));
        }

        return summary.Failures == 0 && summary.Requests == summary.Asked ? ExitCode.Holds : ExitCode.DoesNotHold;
    }

    private static IEnumerable<string> Range(string option, int value, int most) =>
        value >= 1 && value <= most ? [] : [$"{option} {value} is out of range; 1 to {most} would be right"];

    private static IEnumerable<string> Writable(string option, string? file)
    {
        if (file is null)
        {
            return [];
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file));
        return Directory.Exists(folder) ? [] : [$"{option} {file}: there is no directory {folder}"];
    }
}
