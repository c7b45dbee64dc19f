using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.LocalKubernetes.Controllers;
using Switchback.LocalKubernetes.Store;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Network;

public sealed class ServiceTests
{
    private const string WebServer = """
        import http.server, os, signal, sys
        signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
        class H(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = os.environ["HOSTNAME"].encode()
                self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
            def log_message(self, *a): pass
        http.server.ThreadingHTTPServer(("", int(os.environ.get("HTTP_PORT", "8080"))), H).serve_forever()
        """;

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Two_pods_with_the_same_port_answer_at_one_address_and_containers_of_a_pod_meet_on_localhost(string mode)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        await using var node = await NodeFixture.StartAsync(mode);
        using var stop = new CancellationTokenSource();
        var controllers = ControllerManager.RunAsync(node.Store, NullLogger.Instance, stop.Token);
        foreach (var name in new[] { "one", "two" })
        {
            node.Create(ResourceTypes.Pod, $"metadata: {{ name: {name}, labels: {{ app: web }} }}\nspec:\n  containers:\n  - {{ name: web, image: python, args: [" + JsonSerializer.Serialize(WebServer) + "], readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } }\n"
                + "  - { name: beside, image: sh, args: [" + JsonSerializer.Serialize("until python3 -c 'import urllib.request; print(urllib.request.urlopen(\"http://localhost:8080/\").read().decode())' 2>/dev/null; do sleep 0.1; done; while :; do sleep 0.1; done") + "] }");
        }

        node.Create(ResourceTypes.Service, "metadata: { name: web }\nspec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 18180, targetPort: 8080 }] }");
        await node.LogHasAsync("one", "one", "beside");
        await node.LogHasAsync("two", "two", "beside");
        string? Address() => node.Store.Get(ResourceTypes.Service, "default", "web").Items("status", "loadBalancer", "ingress").FirstOrDefault()?.Text("ip");
        await Eventually.HoldsAsync(() => Address() is not null && node.IsReady("one") && node.IsReady("two"), "both pods and the address are there");

        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });
        var answers = new HashSet<string>();
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                answers.Add(await client.GetStringAsync(new Uri($"http://{Address()}:18180/"), TestContext.Current.CancellationToken));
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            return answers.Count == 2;
        }, "both pods have answered");

        await stop.CancelAsync();
        await controllers;
    }
}
