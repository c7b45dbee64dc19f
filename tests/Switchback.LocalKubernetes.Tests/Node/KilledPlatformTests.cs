using System.Diagnostics;

namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>kill -9 of the platform: a second process of this test program is the platform that is killed.</summary>
public sealed class KilledPlatformTests
{
    private const string Mark = "SWITCHBACK_TEST_MARK";
    private const string Mode = "SWITCHBACK_TEST_NETWORK";

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Nothing_is_left_of_a_platform_that_was_killed(string mode)
    {
        Assert.SkipUnless(mode == NodeFixture.Shared || Environment.IsPrivilegedProcess, "network namespaces need root");
        var mark = Guid.NewGuid().ToString("N");
        var before = Interfaces();
        List<string> mine = [];
        using var platform = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"*{nameof(Stand_in_platform)}"])
        {
            Environment = { [Mark] = mark, [Mode] = mode },
            RedirectStandardOutput = true,
        })!;
        try
        {
            // The stubborn program, and one of its own session that it left behind.
            await Eventually.HoldsAsync(() => Processes.WithCommandLine("loop-" + mark).Count >= 2, "the pod's two programs run");
            mine = [.. Interfaces().Except(before)];
            Assert.True(mode == NodeFixture.Shared || mine.Count > 0);
        }
        finally
        {
            platform.Kill();
        }

        await Eventually.HoldsAsync(() => Processes.WithCommandLine(mark).Count == 0, "no process is left");
        // Those of tests at the same time are among them; they go too.
        await Eventually.HoldsAsync(() => !Interfaces().Intersect(mine).Any(), "no interface is left");
        Assert.DoesNotContain(mark, await File.ReadAllTextAsync("/proc/self/mounts", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Stand_in_platform()
    {
        var mark = Environment.GetEnvironmentVariable(Mark) ?? throw new InvalidOperationException("started by the test above only");
        await using var node = await NodeFixture.StartAsync(Environment.GetEnvironmentVariable(Mode)!);
        node.CreatePod("doomed", $"containers: [{{ name: main, image: sh, args: [\"trap '' TERM HUP; setsid sh -c 'while :; do sleep 0.1; done # loop-{mark}' & while :; do sleep 0.1; done # loop-{mark}\"] }}]");
        await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
    }

    private static List<string> Interfaces() => [.. Directory.EnumerateDirectories("/sys/class/net", "sb*")];
}
