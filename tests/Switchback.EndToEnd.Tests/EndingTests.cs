using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Switchback.EndToEnd.Tests;

/// <summary>However a drill ends, nothing of it is left: no process, no network interface, no mount, no listening port.</summary>
[Collection(nameof(DrillTests))]
public sealed partial class EndingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(2, "SIGINT")]
    [InlineData(15, "SIGTERM")]
    [InlineData(9, "SIGKILL")]
    public async Task Nothing_is_left_after(int signal, string name)
    {
        using var report = new ReportFolder();
        var before = MachineState.Now();
        using var drill = Process.Start(Product.Start("drill", "active-active", "--report", report.Path))!;
        drill.StandardInput.Close();
        var errors = drill.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var seen = new HashSet<int>();
        while (await drill.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            seen.UnionWith(MachineState.Descendants(drill.Id));
            // Under load, with every part up: the moment at which most could be left behind.
            if (line.Contains("load: ", StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.False(drill.HasExited, $"the drill ended before {name}: {(drill.HasExited ? await errors : "")}");
        Assert.True(seen.Count > 8, $"only {seen.Count} processes were seen: the drill was not up");
        var held = MachineState.HeldBy(seen.Append(drill.Id), before);
        Assert.True(held.Count(line => line.StartsWith("listener", StringComparison.Ordinal)) > 4, $"it listened nowhere: {string.Join("; ", held)}");
        Assert.Equal(0, Kill(drill.Id, signal));
        using var ended = new CancellationTokenSource(Patience);
        await drill.WaitForExitAsync(ended.Token);
        if (signal != 9)
        {
            Assert.Equal(2, drill.ExitCode);
        }

        await Eventually.SeenAsync(() => seen.Where(MachineState.IsAlive).Select(MachineState.NameOf), left => !left.Any(), "no processes left", Patience);
        await Eventually.SeenAsync(() => MachineState.Now().Intersect(held), left => !left.Any(), "nothing left on the machine", Patience);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
