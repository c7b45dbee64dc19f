using System.Diagnostics;
using Switchback.Drills.Running.Faults;

namespace Switchback.Drills.Tests.Faults;

/// <summary>Faults of a process, on a shell that writes a line to a file for each line it reads and says how that went.</summary>
public sealed class ProcessFaultTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _file = Path.GetTempFileName();
    private readonly Process _process;

    public ProcessFaultTests()
    {
        FileSizeLimit.LetChildrenSurvive();
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "while read line; do if echo $line >> \"$0\"; then echo written; else echo failed; fi; done", _file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_full_disk_fails_every_write_until_it_has_room_again()
    {
        Assert.Equal("written", await AskAsync());
        FileSizeLimit.Forbid(_process.Id);
        Assert.Equal("failed", await AskAsync());
        Assert.Equal("failed", await AskAsync());
        FileSizeLimit.Allow(_process.Id);
        Assert.Equal("written", await AskAsync());
        Assert.Equal(2, File.ReadAllLines(_file).Length);
    }

    [Fact]
    public async Task A_frozen_process_answers_when_it_is_thawed()
    {
        var frozen = Freezer.Freeze(_process.Id);
        await StateAsync(state => state == 'T');
        var answer = AskAsync();
        await StateAsync(state => state == 'T');
        Assert.False(answer.IsCompleted);
        await frozen.ThawAsync();
        Assert.Equal("written", await answer);
    }

    [Fact]
    public async Task What_is_below_a_process_is_found_stopped_and_killed()
    {
        using var parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "sleep 600 & sleep 600; true"]))!;
        try
        {
            IReadOnlyList<int> below = [];
            await Eventually.HoldsAsync(() => (below = ProcessTree.Below(parent.Id)).Count >= 2, "both are below the shell", Patience);
            Assert.Equal(2, below.Count);
            Freezer.StopAll(below);
            Freezer.KillAll(below);
            await parent.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        finally
        {
            parent.Kill(entireProcessTree: true);
        }
    }

    private async Task<string?> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync("line");
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
    }

    private Task StateAsync(Func<char, bool> expected)
    {
        return Eventually.HoldsAsync(async () => expected(StateIn(await StatAsync())), "the process is in that state", StatAsync, Patience);

        Task<string> StatAsync() => File.ReadAllTextAsync($"/proc/{_process.Id}/stat");

        static char StateIn(string stat) => stat[stat.LastIndexOf(')') + 2];
    }
}
