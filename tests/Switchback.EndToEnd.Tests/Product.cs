using System.Diagnostics;

namespace Switchback.EndToEnd.Tests;

/// <summary>The program as its user has it: built by <c>./switchback</c>, started as a process.</summary>
internal static class Product
{
    public static string Root { get; } = FindRoot();

    public static string Program { get; } = Path.Combine(Root, "artifacts", "app", "switchback");

    public static bool IsRoot { get; } = Environment.IsPrivilegedProcess;

    public static ProcessStartInfo Start(params string[] arguments) => Start(Program, arguments);

    /// <summary>Starts another program, such as one that drops rights before it becomes ours.</summary>
    public static ProcessStartInfo Start(string program, string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), "the program is not built: ./switchback builds it");
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["SWITCHBACK_HOME"] = Root;
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    public static async Task<Outcome> RunAsync(ProcessStartInfo start, TimeSpan within)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(within);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Switchback.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are not below the repository");
        }

        return folder;
    }
}

/// <summary>How a run of the program ended.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}
