using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Switchback.EndToEnd.Tests;

/// <summary>A drill with <c>--keep</c> leaves everything up to look around with the tools people have, on the shared network too, until Ctrl-C.</summary>
[Collection(nameof(DrillTests))]
public sealed partial class KeepTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Kubectl_and_curl_work_on_what_is_kept()
    {
        foreach (var tool in new[] { "kubectl", "curl" })
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))), $"{tool} is not on this machine");
        }

        using var report = new ReportFolder();
        using var drill = Process.Start(Product.Start("drill", "active-active", "--keep", "--network", "shared", "--report", report.Path))!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var errors = drill.StandardError.ReadToEndAsync(patience.Token);
            var seen = "";
            while (!seen.Contains("logs of every part", StringComparison.Ordinal))
            {
                var line = await drill.StandardOutput.ReadLineAsync(patience.Token);
                Assert.True(line is not null, $"the drill ended: {seen}");
                seen += line + "\n";
            }

            var kubeConfig = KubeConfig().Match(seen).Groups[1].Value;
            var pods = await RunAsync(kubeConfig, "kubectl", "get", "pods", "-A");
            Assert.Contains("java-cloud-consumer-noproxy", pods, StringComparison.Ordinal);
            Assert.Contains("2/2", pods, StringComparison.Ordinal);
            Assert.Contains("Consumer Record:", await RunAsync(kubeConfig, "kubectl", "logs", "-n", "clients", "deployment/java-cloud-consumer", "-c", "java-cloud-consumer"), StringComparison.Ordinal);
            Assert.Contains("ScalingReplicaSet", await RunAsync(kubeConfig, "kubectl", "describe", "-n", "clients", "deployment/java-cloud-producer"), StringComparison.Ordinal);
            Assert.Contains(
                "namespace/clients", await RunAsync(kubeConfig, "kubectl", "apply", "-f", Path.Combine(Product.Root, "deploy", "proxy", "00-namespace.yaml")), StringComparison.Ordinal);
            var address = await RunAsync(kubeConfig, "kubectl", "get", "service", "-n", "clients", "java-cloud-producer", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}");
            Assert.Contains("fact", await RunAsync(kubeConfig, "curl", "--fail", "-sS", "-X", "POST", $"http://{address}:8080/chuck-says?wait=true"), StringComparison.Ordinal);

            Assert.Equal(0, Kill(drill.Id, 2));
            await drill.WaitForExitAsync(patience.Token);
            Assert.True(drill.ExitCode == 0, await errors);
        }
        finally
        {
            if (!drill.HasExited)
            {
                drill.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> RunAsync(string kubeConfig, string program, params string[] arguments)
    {
        var start = Product.Start(program, arguments);
        start.Environment["KUBECONFIG"] = kubeConfig;
        var outcome = await Product.RunAsync(start, Patience);
        Assert.True(outcome.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {outcome}");
        return outcome.Output;
    }

    [GeneratedRegex("export KUBECONFIG=(.+)")]
    private static partial Regex KubeConfig();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
