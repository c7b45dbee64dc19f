using System.ComponentModel;
using System.Diagnostics;

namespace Switchback.Kubernetes.Tests.Objects;

internal static class Kubectl
{
    /// <summary>What kubectl prints, or null where there is none.</summary>
    public static async Task<string?> RunAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = "/dev/null";
        try
        {
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await errors);
            return output;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
