using System.Diagnostics;

namespace Switchback.EndToEnd.Tests;

/// <summary>A disk without room ends a drill with exit code 2 and one clear line, and nothing is left behind.</summary>
[Collection(nameof(DrillTests))]
public sealed class FullDiskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("160k", true)]
    [InlineData("160k", false)]
    public async Task A_full_disk_is_one_clear_line(string size, bool ofTheParts)
    {
        Assert.SkipUnless(Product.IsRoot, "a small disk is mounted for this test, which takes root");
        var disk = Directory.CreateTempSubdirectory("switchback-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk);
        try
        {
            using var report = new ReportFolder();
            var start = Product.Start("drill", "active-active", "--report", ofTheParts ? report.Path : Path.Combine(disk, "report"));
            if (ofTheParts)
            {
                start.Environment["TMPDIR"] = disk;
            }

            var outcome = await Product.RunAsync(start, Patience);
            Assert.True(outcome.ExitCode == 2, outcome.ToString());
            Assert.Contains("No space left on device", outcome.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync("umount", "--lazy", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
