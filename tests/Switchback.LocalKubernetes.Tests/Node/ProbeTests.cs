using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Node;

public sealed class ProbeTests
{
    private const string WebServer = """
        import http.server, os, signal, sys
        signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
        class H(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                ok = os.path.exists(os.environ["FLAG"])
                self.send_response(200 if ok else 503); self.end_headers()
            def log_message(self, *a): pass
        http.server.ThreadingHTTPServer(("", int(os.environ.get("HTTP_PORT", "8080"))), H).serve_forever()
        """;

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Readiness_follows_the_answers_of_an_http_server(string mode)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        await using var node = await NodeFixture.StartAsync(mode);
        var flag = Path.Combine(node.DataDirectory, "flag");
        node.Create(ResourceTypes.Pod, "metadata: { name: web }\nspec:\n  containers:\n  - name: main\n    image: python\n    args: [" + System.Text.Json.JsonSerializer.Serialize(WebServer) + "]\n"
            + "    env: [{ name: FLAG, value: /flags/flag }]\n    volumeMounts: [{ name: flags, mountPath: /flags }]\n"
            + "    readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 1, failureThreshold: 1 }\n    ports: [{ name: http, containerPort: 8080 }]\n"
            + $"  volumes: [{{ name: flags, hostPath: {{ path: {node.DataDirectory} }} }}]");

        await Eventually.HoldsAsync(() => node.Events("Unhealthy").Contains("Readiness probe failed: HTTP probe failed with statuscode: 503"), "it is not ready");
        Assert.Equal("False", node.Condition("web", "Ready"));

        await File.WriteAllTextAsync(flag, "", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => node.IsReady("web"), "it is ready");

        File.Delete(flag);
        await Eventually.HoldsAsync(() => !node.IsReady("web"), "it is not ready again");
        Assert.Equal(0, node.Container("web")?.Number("restartCount"));
    }

    [Fact]
    public async Task Liveness_restarts_and_the_startup_probe_holds_it_back()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("live", """
            terminationGracePeriodSeconds: 1
            containers:
            - name: main
              image: sh
              args: ['sleep 0.5; touch /data/up; echo up; sleep 2; rm /data/up; while :; do sleep 0.1; done']
              volumeMounts: [{ name: data, mountPath: /data }]
              startupProbe: { exec: { command: [test, -f, /data/up] }, periodSeconds: 1, failureThreshold: 30 }
              livenessProbe: { exec: { command: [test, -f, /data/up] }, periodSeconds: 1, failureThreshold: 1 }
            volumes: [{ name: data, emptyDir: {} }]
            """);

        await Eventually.HoldsAsync(() => node.Container("live")?.Number("restartCount") >= 1, "it is restarted");
        Assert.Contains("Container main failed liveness probe, will be restarted", node.Events("Killing"));
        Assert.Equal("up\n", await node.LogAsync("live", previous: true));
    }

    [Fact]
    public async Task Hooks_run_after_the_start_and_before_the_end()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("hooked", """
            containers:
            - name: main
              image: sh
              args: ["trap 'cat /data/hooks; exit 0' TERM; echo up; while :; do sleep 0.02; done"]
              volumeMounts: [{ name: data, mountPath: /data }]
              lifecycle:
                postStart: { exec: { command: [sh, -c, 'echo post >> /data/hooks'] } }
                preStop: { exec: { command: [sh, -c, 'echo pre >> /data/hooks'] } }
            volumes: [{ name: data, emptyDir: {} }]
            """);
        await Eventually.HoldsAsync(() => node.IsReady("hooked"), "it is ready");
        await node.LogHasAsync("hooked", "up");
        var log = node.LogAsync("hooked", follow: true);

        node.Store.Delete(ResourceTypes.Pod, "default", "hooked");

        await Eventually.HoldsAsync(() => node.Store.Find(ResourceTypes.Pod, "default", "hooked") is null, "it is gone");
        Assert.Equal("up\npost\npre\n", await log);
    }

    [Fact]
    public async Task A_hook_that_cannot_be_carried_out_has_failed_and_the_whole_pod_ends_all_the_same()
    {
        var mark = Guid.NewGuid().ToString("N");
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("hooked", $$"""
            terminationGracePeriodSeconds: 1
            initContainers:
            - { name: beside, image: sh, restartPolicy: Always, args: ["while :; do sleep 0.05; done # {{mark}}"] }
            containers:
            - name: main
              image: sh
              args: ["while :; do sleep 0.05; done # {{mark}}"]
              lifecycle: { preStop: { httpGet: { host: "no host", port: 8080 } } }
            """);
        await Eventually.HoldsAsync(() => node.IsReady("hooked") && Processes.WithCommandLine(mark).Count >= 2, "both containers run");

        node.Store.Delete(ResourceTypes.Pod, "default", "hooked");

        await Eventually.HoldsAsync(() => node.Store.Find(ResourceTypes.Pod, "default", "hooked") is null, "the pod is gone");
        Assert.Empty(Processes.WithCommandLine(mark));
        Assert.StartsWith("PreStopHook failed: ", Assert.Single(node.Events("FailedPreStopHook")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_that_cannot_be_carried_out_has_failed()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("probed", """
            terminationGracePeriodSeconds: 1
            containers:
            - { name: main, image: sh, args: ['sleep 600'], livenessProbe: { httpGet: { host: "no host", port: 8080 }, periodSeconds: 1, failureThreshold: 1 } }
            """);

        await Eventually.HoldsAsync(() => node.Container("probed")?.Number("restartCount") >= 1, "it is restarted");
    }
}
