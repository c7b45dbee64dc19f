using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Node;

public sealed class PodLifecycleTests
{
    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task A_pod_is_placed_runs_and_is_deleted_with_its_grace_period(string mode)
    {
        await using var node = await NodeFixture.StartAsync(mode);
        node.CreatePod("one", """
            terminationGracePeriodSeconds: 20
            containers:
            - name: main
              image: sh:latest
              args: ["trap 'echo bye; exit 0' TERM; echo hello from $POD at $IP; while :; do sleep 0.02; done"]
              env:
              - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
              - { name: IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
            """);

        await Eventually.HoldsAsync(() => node.IsReady("one"), "the pod is ready");
        await node.LogHasAsync("one", "hello from one at " + node.Pod("one").Text("status", "podIP"));
        var status = node.Pod("one");
        Assert.Equal("Running", status.Text("status", "phase"));
        Assert.Equal("switchback", status.Text("spec", "nodeName"));
        Assert.Equal(node.Network.NodeAddress.ToString(), status.Text("status", "hostIP"));
        foreach (var reason in new[] { "Scheduled", "Pulled", "Created", "Started" })
        {
            Assert.Single(node.Events(reason));
        }

        var log = node.LogAsync("one", follow: true);
        var (_, gone) = node.Store.Delete(ResourceTypes.Pod, "default", "one");
        Assert.False(gone);
        await Eventually.HoldsAsync(() => node.Store.Find(ResourceTypes.Pod, "default", "one") is null, "the pod is gone");
        Assert.EndsWith("bye\n", await log, StringComparison.Ordinal);
        Assert.Equal("Stopping container main", Assert.Single(node.Events("Killing")));
    }

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task What_does_not_end_in_its_grace_period_is_killed(string mode)
    {
        await using var node = await NodeFixture.StartAsync(mode);
        node.CreatePod("stubborn", """
            terminationGracePeriodSeconds: 1
            containers:
            - { name: main, image: sh, args: ["trap 'echo no' TERM; echo up; while :; do sleep 0.05; done"] }
            """);
        await node.LogHasAsync("stubborn", "up");
        var log = node.LogAsync("stubborn", follow: true);

        node.Store.Delete(ResourceTypes.Pod, "default", "stubborn");

        await Eventually.HoldsAsync(() => node.Store.Find(ResourceTypes.Pod, "default", "stubborn") is null, "the pod is gone");
        Assert.Equal("up\nno\n", await log);
    }

    [Fact]
    public async Task A_container_that_ends_is_started_again_with_a_back_off()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("crash", "containers: [{ name: main, image: sh, args: ['echo run; exit 5'] }]");

        JsonObject pod = [];
        await Eventually.HoldsAsync(() =>
        {
            pod = node.Pod("crash");
            return pod.Items("status", "containerStatuses").Any(one => one.Text("state", "waiting", "reason") == "CrashLoopBackOff" && one.Number("restartCount") >= 2);
        }, "it backs off");
        var container = pod.Items("status", "containerStatuses").Single();
        Assert.StartsWith("back-off ", container.Text("state", "waiting", "message"), StringComparison.Ordinal);
        Assert.Equal(5, container.Number("lastState", "terminated", "exitCode"));
        Assert.Equal("Error", container.Text("lastState", "terminated", "reason"));
        Assert.Equal("Running", pod.Text("status", "phase"));
        Assert.Equal("False", pod.Items("status", "conditions").Single(condition => condition.Text("type") == "Ready").Text("status"));
        Assert.Contains(node.Events("BackOff"), message => message.StartsWith("Back-off restarting failed container main in pod crash_default(", StringComparison.Ordinal));
        Assert.Equal("run\n", await node.LogAsync("crash", previous: true));
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 3, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    public async Task A_pod_that_is_done_says_so(string policy, int exitCode, string phase)
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("done", $"restartPolicy: {policy}\ncontainers: [{{ name: main, image: sh, args: ['exit {exitCode}'] }}]");

        await node.PhaseAsync("done", phase);
        await Eventually.HoldsAsync(() => node.Container("done")?.Number("state", "terminated", "exitCode") == exitCode, "the exit code is there");
        Assert.Equal(exitCode == 0 ? "Completed" : "Error", node.Container("done")?.Text("state", "terminated", "reason"));
        Assert.Equal(0, node.Container("done")?.Number("restartCount"));
    }

    [Fact]
    public async Task Init_containers_run_in_order_and_sidecars_stay_until_the_others_are_done()
    {
        await using var node = await NodeFixture.StartAsync(NodeFixture.Shared);
        node.CreatePod("ordered", """
            restartPolicy: Never
            initContainers:
            - { name: first, image: sh, args: ['echo first >> /data/order'], volumeMounts: [{ name: data, mountPath: /data }] }
            - { name: beside, image: sh, restartPolicy: Always, args: ["trap 'exit 0' TERM; echo beside >> /data/order; while :; do sleep 0.02; done"], volumeMounts: [{ name: data, mountPath: /data }],
                startupProbe: { exec: { command: [sh, -c, 'grep -q beside /data/order'] }, periodSeconds: 1 } }
            - { name: second, image: sh, args: ['echo second >> /data/order'], volumeMounts: [{ name: data, mountPath: /data }] }
            containers:
            - { name: main, image: sh, args: ['cat /data/order'], volumeMounts: [{ name: data, mountPath: /data }] }
            volumes:
            - { name: data, emptyDir: {} }
            """);

        await node.PhaseAsync("ordered", "Succeeded");
        Assert.Equal("first\nbeside\nsecond\n", await node.LogAsync("ordered", "main"));
        await Eventually.HoldsAsync(() => node.Pod("ordered").Items("status", "initContainerStatuses").All(one => one.Object("state", "terminated") is not null), "the sidecar has ended");
    }

    [Fact]
    public async Task An_unknown_image_is_told_as_one_that_cannot_be_pulled()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("unknown", "containers: [{ name: main, image: 'example/unknown:1' }]");

        await Eventually.HoldsAsync(() => node.Container("unknown")?.Text("state", "waiting", "reason") == "ImagePullBackOff", "it backs off");
        Assert.Contains(node.Events("Failed"), message => message.Contains("catalogue", StringComparison.Ordinal) && message.Contains("example/unknown:1", StringComparison.Ordinal));
        Assert.Equal("Pending", node.Pod("unknown").Text("status", "phase"));

        node.Store.Delete(ResourceTypes.Pod, "default", "unknown");
        await Eventually.HoldsAsync(() => node.Store.Find(ResourceTypes.Pod, "default", "unknown") is null, "it can be deleted all the same");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_start_error()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("missing", "restartPolicy: Never\ncontainers: [{ name: main, image: sh, command: [/no/such/program] }]");

        await node.PhaseAsync("missing", "Failed");
        Assert.Equal("StartError", node.Container("missing")?.Text("state", "terminated", "reason"));
        Assert.Equal(128, node.Container("missing")?.Number("state", "terminated", "exitCode"));
    }

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Deleting_by_force_leaves_no_process(string mode)
    {
        var mark = Guid.NewGuid().ToString("N");
        await using var node = await NodeFixture.StartAsync(mode);
        node.CreatePod("forced", $"containers: [{{ name: main, image: sh, args: ['trap \"\" TERM; echo up; while :; do sleep 0.05; done # {mark}'] }}]");
        await node.LogHasAsync("forced", "up");
        Assert.NotEmpty(Processes.WithCommandLine(mark));

        node.Store.Delete(ResourceTypes.Pod, "default", "forced", DeleteOptions.Now);

        Assert.Null(node.Store.Find(ResourceTypes.Pod, "default", "forced"));
        await Eventually.HoldsAsync(() => Processes.WithCommandLine(mark).Count == 0, "no process is left");
    }

    [Fact]
    public async Task A_platform_started_again_runs_the_pods_anew_and_once()
    {
        var store = NodeFixture.NewStore();
        await using (var before = await NodeFixture.StartAsync(NodeFixture.Shared, store))
        {
            before.CreatePod("kept", "containers: [{ name: main, image: sh, args: ['echo up; while :; do sleep 0.05; done'] }]");
            await Eventually.HoldsAsync(() => before.IsReady("kept"), "it runs");
        }

        await using var node = await NodeFixture.StartAsync(NodeFixture.Shared, store);

        await Eventually.HoldsAsync(() => node.Container("kept")?.Number("restartCount") == 1 && node.Container("kept")?.Object("state", "running") is not null, "it runs again");
        Assert.Equal(137, node.Container("kept")?.Number("lastState", "terminated", "exitCode"));
        await node.LogHasAsync("kept", "up");
        Assert.Single(store.List(ResourceTypes.Pod));
    }
}
