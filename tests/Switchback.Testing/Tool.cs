using System.Diagnostics;

namespace Switchback.Testing;

/// <summary>What a program said until it ended.</summary>
public sealed record Finished(int ExitCode, string Output, string Errors)
{
    /// <summary>Both streams, for messages.</summary>
    public string All => Output + Errors;
}

/// <summary>Runs a program to its end.</summary>
public static class Tool
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Runs <paramref name="program"/> and answers what it said. It writes to files, so that a child that outlives it (a server that a script starts) does not hold up the answer.
    /// </summary>
    public static async Task<Finished> RunAsync(string program, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null, TimeSpan? within = null)
    {
        var files = Directory.CreateTempSubdirectory("switchback-tool-");
        try
        {
            var (output, errors) = (Path.Combine(files.FullName, "out"), Path.Combine(files.FullName, "err"));
            var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; err=$2; shift 2; exec \"$@\" > \"$out\" 2> \"$err\"", "sh", output, errors, program, .. arguments])
            {
                RedirectStandardInput = true,
            };
            foreach (var (name, value) in environment ?? new Dictionary<string, string>())
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            await GiveAsync(process, input);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(within ?? Longest);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end: {await File.ReadAllTextAsync(output)}{await File.ReadAllTextAsync(errors)}");
            }

            return new Finished(process.ExitCode, await File.ReadAllTextAsync(output), await File.ReadAllTextAsync(errors));
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    /// <summary>The path of a program, or null where the machine lacks it.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    /// <summary>The path of a program; the test is skipped where the machine lacks it.</summary>
    public static string Require(string program)
    {
        var path = Find(program);
        Assert.SkipWhen(path is null, $"{program} is not on this machine");
        return path!;
    }

    private static async Task GiveAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, without reading all: its exit code says what there is to say.
        }
    }
}
