namespace Switchback.EndToEnd.Tests;

/// <summary>What cannot be run is answered with exit code 2 and clear lines, before anything is started.</summary>
public sealed class BadInputTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("no scenario and no file is called atlantis; active-active", "drill", "atlantis")]
    [InlineData("--kubernetes moon: ", "drill", "active-active", "--kubernetes", "moon")]
    [InlineData("cannot write the report to /proc/here", "drill", "active-active", "--report", "/proc/here")]
    [InlineData("Unrecognized command or argument '--velocity'", "drill", "active-active", "--velocity", "9")]
    public async Task Of_a_drill(string error, params string[] arguments)
    {
        var outcome = await Product.RunAsync(Product.Start(arguments), Patience);
        Assert.True(outcome.ExitCode == 2, outcome.ToString());
        Assert.Contains(error, outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_platform_that_others_could_reach()
    {
        using var folder = new ReportFolder();
        var outcome = await Product.RunAsync(Product.Start("kubernetes", "--data", folder.Path, "--listen", "0.0.0.0:0"), Patience);
        Assert.True(outcome.ExitCode == 2, outcome.ToString());
        Assert.Contains("--listen 0.0.0.0:0: must be a loopback address", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drill")]
    [InlineData("switch")]
    [InlineData("load")]
    [InlineData("broker")]
    [InlineData("kubernetes")]
    [InlineData("proxy", "server")]
    [InlineData("reloader")]
    [InlineData("mirror")]
    public async Task Every_command_has_a_help(params string[] command)
    {
        var outcome = await Product.RunAsync(Product.Start([.. command, "--help"]), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("Usage:", outcome.Output, StringComparison.Ordinal);
    }
}
