using System.Diagnostics;

namespace Switchback.Kafka.Tests.Oracle;

/// <summary>Runs one of the Java sources beside this file, with Apache Kafka's classes at hand.</summary>
internal static class JavaProgram
{
    public static async Task<string[]> RunAsync(string name, string input)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Oracle", name + ".java");
        var start = new ProcessStartInfo("java", ["-cp", Path.Combine(ApacheKafka.RequireHome(), "libs", "*"), source])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var answering = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await answering;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
