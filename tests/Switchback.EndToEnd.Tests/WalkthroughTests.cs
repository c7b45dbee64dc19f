using System.Text.RegularExpressions;

namespace Switchback.EndToEnd.Tests;

/// <summary>docs/walkthrough.md is typed into a shell, as a reader would; the first command that fails ends it.</summary>
[Collection(nameof(DrillTests))]
public sealed partial class WalkthroughTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Every_command_of_the_walkthrough_works()
    {
        foreach (var tool in new[] { "kubectl", "openssl", "curl", "bash" })
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not on this machine");
        }

        var page = await File.ReadAllTextAsync(Path.Combine(Product.Root, "docs", "walkthrough.md"), TestContext.Current.CancellationToken);
        var commands = string.Join('\n', Command().Matches(page).Select(block => block.Groups[1].Value));
        Assert.Contains("kill -9 $NORTH", commands, StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory("switchback-walk-");
        try
        {
            // The repository as its reader sees it, with a folder for what the page makes.
            foreach (var entry in new[] { "deploy", "scenarios", "switchback" })
            {
                File.CreateSymbolicLink(Path.Combine(folder.FullName, entry), Path.Combine(Product.Root, entry));
            }

            var script = Path.Combine(folder.FullName, "walkthrough.sh");
            await File.WriteAllTextAsync(script, $"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n{commands}", TestContext.Current.CancellationToken);
            var start = Product.Start("bash", [script]);
            start.WorkingDirectory = folder.FullName;
            var outcome = await Product.RunAsync(start, Patience);
            Assert.True(outcome.ExitCode == 0, $"{outcome}\n{Logs(folder.FullName)}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Logs(string folder) =>
        !Directory.Exists(Path.Combine(folder, "walk"))
            ? ""
            : string.Concat(Directory.EnumerateFiles(Path.Combine(folder, "walk"), "*.log")
                .Select(log => $"== {Path.GetFileName(log)}\n{string.Join('\n', File.ReadLines(log).TakeLast(10))}\n"));

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Command();
}
