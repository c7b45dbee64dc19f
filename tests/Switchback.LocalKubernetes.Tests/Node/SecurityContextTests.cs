using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>The <c>securityContext</c> of pods and containers, seen from inside.</summary>
public sealed class SecurityContextTests
{
    [Fact]
    public async Task A_container_runs_as_its_user_with_its_groups_and_nothing_more()
    {
        await using var node = await NodeFixture.StartAsync(NodeFixture.Namespaces);
        node.CreatePod("own", """
            securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [ 4000 ], runAsNonRoot: true }
            restartPolicy: Never
            volumes: [ { name: data, emptyDir: {} } ]
            containers:
            - name: main
              image: sh
              args: [ "echo $(id -u) $(id -g) $(id -G); grep -E '^(CapBnd|NoNewPrivs)' /proc/self/status; touch /data/file && echo wrote the volume; until [ -e /data/probed ]; do sleep 0.1; done; echo probed by $(stat -c %u /data/probed); sleep 300" ]
              volumeMounts: [ { name: data, mountPath: /data } ]
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ ALL ] } }
              livenessProbe: { exec: { command: [ sh, -c, touch /data/probed ] }, periodSeconds: 1 }
            """);

        await node.LogHasAsync("own", "wrote the volume");
        var log = await node.LogAsync("own");
        Assert.Contains("1000 2000 2000 3000 4000\n", log.Replace("4000 3000", "3000 4000", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t0000000000000000\n", log, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1\n", log, StringComparison.Ordinal);
        await node.LogHasAsync("own", "probed by 1000");
    }

    [Fact]
    public async Task A_read_only_root_takes_writes_to_volumes_only()
    {
        await using var node = await NodeFixture.StartAsync(NodeFixture.Namespaces);
        node.CreatePod("sealed", """
            restartPolicy: Never
            volumes: [ { name: data, emptyDir: {} } ]
            containers:
            - name: main
              image: sh
              args: [ "for path in /file /etc/file-by-test /usr/file-by-test /tmp/file; do touch $path 2>/dev/null && echo wrote $path; done; touch /data/file && echo done" ]
              volumeMounts: [ { name: data, mountPath: /data } ]
              securityContext: { readOnlyRootFilesystem: true }
            """);

        await node.PhaseAsync("sealed", "Succeeded");
        Assert.Equal("done\n", await node.LogAsync("sealed"));
    }

    [Fact]
    public async Task Root_where_root_is_refused_is_a_configuration_error()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("wrong", "containers: [ { name: main, image: sh, args: [ 'id -u' ], securityContext: { runAsNonRoot: true, runAsUser: 0 } } ]");

        await Eventually.HoldsAsync(() => node.Container("wrong")?.Text("state", "waiting", "reason") == "CreateContainerConfigError", "the container waits");
        Assert.Contains("breaks non-root policy", node.Container("wrong")?.Text("state", "waiting", "message"), StringComparison.Ordinal);
    }
}
