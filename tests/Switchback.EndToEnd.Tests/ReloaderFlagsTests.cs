using System.Diagnostics;

namespace Switchback.EndToEnd.Tests;

/// <summary>The command line of stakater/Reloader is taken as it is.</summary>
public sealed class ReloaderFlagsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Every flag that its users give it, but for the one that is given wrongly so that the program ends.</summary>
    private static readonly string[] Flags =
    [
        "--auto-reload-all=true", "--reload-on-create=true", "--reload-on-delete=true", "--sync-after-restart=true", "--enable-ha=true",
        "--webhook-url=http://127.0.0.1:9/", "--log-format=json", "--log-level=info", "--resources-to-ignore=configMaps", "--ignored-workload-types=jobs,cronjobs",
        "--namespaces=one,two", "--namespaces-to-ignore=three,four", "--namespace-selector=env:test", "--resource-label-selector=tier:front",
        "--metrics-addr=127.0.0.1:0", "--leader-election-id=lock", "--leader-election-namespace=here", "--leader-election-lease-duration=15s",
        "--leader-election-renew-deadline=10s", "--leader-election-retry-period=2s", "--is-Argo-Rollouts=false",
        "--auto-annotation=a/a", "--configmap-annotation=a/b", "--secret-annotation=a/c", "--configmap-auto-annotation=a/d", "--secret-auto-annotation=a/e",
        "--auto-search-annotation=a/f", "--search-match-annotation=a/g", "--ignore-annotation=a/h", "--configmap-exclude-annotation=a/i",
        "--secret-exclude-annotation=a/j", "--pause-deployment-annotation=a/k", "--pause-deployment-time-annotation=a/l",
    ];

    [Fact]
    public async Task Every_flag_is_known_and_a_wrong_value_is_the_one_thing_said()
    {
        using var folder = new ReportFolder();
        var kubeconfig = await KubeConfigAsync(folder);

        var outcome = await Product.RunAsync(Product.Start(["reloader", .. Flags, $"--kubeconfig={kubeconfig}", "--reload-strategy=wrong"]), Patience);

        Assert.Equal(2, outcome.ExitCode);
        var line = Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("switchback reloader: --reload-strategy must be ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one", new string[0], "in one")]
    [InlineData("one", new[] { "--namespaces=two,three" }, "in two, three")]
    [InlineData(null, new string[0], "in all namespaces")]
    public async Task KUBERNETES_NAMESPACE_limits_it_to_one_namespace_where_no_flag_names_them(string? variable, string[] flags, string watching)
    {
        using var folder = new ReportFolder();
        var start = Product.Start(["reloader", .. flags, "--metrics-addr=127.0.0.1:0", $"--kubeconfig={await KubeConfigAsync(folder)}"]);
        start.Environment["KUBERNETES_NAMESPACE"] = variable;
        using var process = Process.Start(start)!;
        try
        {
            string? line;
            do
            {
                line = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
            }
            while (line is not null && !line.Contains("Watching", StringComparison.Ordinal));
            Assert.EndsWith($"Watching ConfigMaps and Secrets {watching}", line?.TrimEnd('"'), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>A cluster that is not there.</summary>
    private static async Task<string> KubeConfigAsync(ReportFolder folder)
    {
        var kubeconfig = Path.Combine(folder.Path, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            """
            { "current-context": "c", "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "u" } }],
              "clusters": [{ "name": "c", "cluster": { "server": "http://127.0.0.1:9" } }], "users": [{ "name": "u", "user": {} }] }
            """,
            TestContext.Current.CancellationToken);
        return kubeconfig;
    }
}
