using System.Text;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Node.Processes;

namespace Switchback.LocalKubernetes.Tests.Node;

public sealed class ContainerProcessTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<IAsyncDisposable> _networks = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var network in Enumerable.Reverse(_networks))
        {
            await network.DisposeAsync();
        }

        _directory.Dispose();
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task A_program_runs_with_its_environment_only_and_its_output_is_kept(string mode)
    {
        var process = await StartAsync(mode, "echo out $GREETING; echo err >&2; printf unfinished; exit 3");

        Assert.Null(await process.Started);
        Assert.Equal(3, await process.Ended);
        var log = await TextAsync(process.Log);
        Assert.Contains("out hello\n", log, StringComparison.Ordinal);
        Assert.Contains("err\n", log, StringComparison.Ordinal);
        Assert.Contains("unfinished", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task Nothing_written_before_a_kill_is_lost(string mode)
    {
        var process = await StartAsync(mode, "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; kill -9 $$; sleep 1000");
        if (mode == "namespaces")
        {
            // Process 1 is immune to its own namespace, as on any node.
            await Eventually.HoldsAsync(async () => (await TextAsync(process.Log)).Contains("line 19999\n", StringComparison.Ordinal), "all lines are there");
            process.Kill();
        }

        Assert.Equal(137, await process.Ended);
        Assert.Equal(20000, (await TextAsync(process.Log)).Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task A_missing_program_is_told_from_one_that_fails(string mode)
    {
        var process = await StartAsync(mode, command: ["no-such-program"]);

        Assert.Equal("exec: \"no-such-program\": executable file not found in $PATH", await process.Started);
        Assert.Equal(128, await process.Ended);
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task Terminate_reaches_the_program_itself(string mode)
    {
        var process = await StartAsync(mode, "trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.02; done");
        await Eventually.HoldsAsync(async () => (await TextAsync(process.Log)).Contains("ready", StringComparison.Ordinal), "the trap is set");

        await process.SignalAsync(Signal.Terminate, process.Ended);

        Assert.Equal(7, await process.Ended);
        Assert.Contains("asked", await TextAsync(process.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task What_a_program_leaves_running_ends_with_it_even_in_a_session_of_its_own(string mode)
    {
        var mark = Guid.NewGuid().ToString("N");
        var process = await StartAsync(mode, $"setsid sh -c 'while :; do sleep 0.1; done # {mark}' & sleep 0.2");

        await process.Ended;
        await Eventually.HoldsAsync(() => Processes.WithCommandLine(mark).Count == 0, "no process of the container is left");
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("namespaces")]
    public async Task A_command_runs_inside_a_running_container(string mode)
    {
        var process = await StartAsync(mode, "while :; do sleep 0.1; done");
        await process.Started;

        using var inside = process.Execute(["sh", "-c", "echo inside $GREETING; cat /volume/file; exit 4"]);
        var output = await inside.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await inside.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.Kill();

        Assert.Equal(4, inside.ExitCode);
        Assert.StartsWith("inside hello\n", output, StringComparison.Ordinal);
        Assert.Equal(mode == "namespaces", output.Contains("mounted", StringComparison.Ordinal));
        Assert.Equal(137, await process.Ended);
    }

    [Fact]
    public async Task Mounts_appear_at_their_path_and_nothing_is_made_on_the_host()
    {
        var process = await StartAsync("namespaces", """
            cat /volume/file /run/secrets/kubernetes.io/token/file /etc/nested-by-test/file /var/run/x-by-test/file /volume/deep/er/file
            echo x 2>/dev/null > /volume/file || echo read-only
            echo $$ $(cat /proc/sys/kernel/hostname) $(ls /sys/class/net | tr '\n' ' ')
            touch /tmp/only-in-the-container-by-test
            """, mounts: ["/volume", "/run/secrets/kubernetes.io/token", "/etc/nested-by-test", "/var/run/x-by-test", "/volume/deep/er"]);

        Assert.Equal(0, await process.Ended);
        var log = await TextAsync(process.Log);
        Assert.Equal("mounted\nmounted\nmounted\nmounted\nmounted\nread-only\n1 a-pod eth0 lo\n", log);
        Assert.False(Path.Exists("/volume") || Path.Exists("/run/secrets/kubernetes.io") || Path.Exists("/etc/nested-by-test")
            || Path.Exists("/run/x-by-test") || Path.Exists("/tmp/only-in-the-container-by-test"));
        Assert.DoesNotContain(_directory.Path, File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(ContainerLog log)
    {
        using var text = new MemoryStream();
        await log.CopyToAsync(text, new LogReadOptions(), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private Task<ContainerProcess> StartAsync(string mode, string script, string[]? mounts = null) => StartAsync(mode, ["sh", "-c", script], mounts);

    private async Task<ContainerProcess> StartAsync(string mode, string[] command, string[]? mounts = null)
    {
        Assert.SkipUnless(mode == "shared" || Environment.IsPrivilegedProcess, "network namespaces need root");
        var network = await NodeNetwork.CreateAsync(mode, Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), TestContext.Current.CancellationToken);
        _networks.Add(network);
        var pod = await network.AttachAsync(new PodNetworkRequest("a-pod", Guid.NewGuid().ToString(), []), TestContext.Current.CancellationToken);
        _networks.Add(pod);
        var volume = Directory.CreateDirectory(_directory["volume"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(volume, "file"), "mounted\n", TestContext.Current.CancellationToken);
        return ContainerProcess.Start(
            new ContainerLaunch
            {
                Command = command,
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["GREETING"] = "hello", [LaunchScript.ContainerMark] = Guid.NewGuid().ToString() },
                Directory = _directory["container"],
                Mounts = [.. (mounts ?? ["/volume"]).Select(target => new ContainerMount(volume, target, ReadOnly: true))],
                SandboxProcessId = pod.SandboxProcessId,
            },
            new ContainerLog(_directory["logs/0.log"]));
    }
}
