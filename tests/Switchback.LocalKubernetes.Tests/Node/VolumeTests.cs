using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Node;

public sealed class VolumeTests
{
    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Two_containers_mount_different_volumes_at_one_path_and_changes_arrive_in_both(string mode)
    {
        await using var node = await NodeFixture.StartAsync(mode);
        node.Create(ResourceTypes.ConfigMap, "metadata: { name: one }\ndata: { file: 'from one' }");
        node.Create(ResourceTypes.ConfigMap, "metadata: { name: two }\ndata: { file: 'from two' }");
        node.CreatePod("pod", """
            containers:
            - { name: first, image: sh, args: ['while :; do cat /config/file; echo; sleep 0.05; done'], volumeMounts: [{ name: one, mountPath: /config }] }
            - { name: second, image: sh, args: ['while :; do cat "$FILE"; echo; sleep 0.05; done'], env: [{ name: FILE, value: /config/file }], volumeMounts: [{ name: two, mountPath: /config }] }
            - { name: third, image: sh, args: ['while :; do cat /etc/app.conf; echo; sleep 0.05; done'], volumeMounts: [{ name: one, mountPath: /etc/app.conf, subPath: file }] }
            volumes:
            - { name: one, configMap: { name: one } }
            - { name: two, configMap: { name: two } }
            """);

        await node.LogHasAsync("pod", "from one\n", "first");
        await node.LogHasAsync("pod", "from two\n", "second");
        await node.LogHasAsync("pod", "from one\n", "third");

        node.Store.Mutate(ResourceTypes.ConfigMap, "default", "one", item =>
        {
            item["data"]!["file"] = "changed";
            return true;
        });

        await node.LogHasAsync("pod", "changed\n", "first");
        Assert.DoesNotContain("changed", await node.LogAsync("pod", "second"), StringComparison.Ordinal);

        // What is mounted by subPath stays as it was at the start.
        Assert.DoesNotContain("changed", await node.LogAsync("pod", "third"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodeFixture.Shared)]
    [InlineData(NodeFixture.Namespaces)]
    public async Task Variables_come_from_everywhere_in_order(string mode)
    {
        await using var node = await NodeFixture.StartAsync(mode);
        node.Create(ResourceTypes.ConfigMap, "metadata: { name: map }\ndata: { SERVERS: 'a:1,b:2', PLAIN: map }");
        node.Create(ResourceTypes.Secret, "metadata: { name: secret }\ndata: { password: cyE= }");
        node.CreatePod("pod", """
            restartPolicy: Never
            serviceAccountName: app
            containers:
            - name: main
              image: sh
              args: ['echo "$SERVERS|$PLAIN|$PRE_PLAIN|$PASSWORD|$NONE|$COMPOSED|$CPU|$NODE|$LABEL|$(PLAIN)"; cat "$ACCOUNT/token" /var/run/secrets/kubernetes.io/serviceaccount/namespace; echo; env | cut -d= -f1 | sort | tr "\n" " "']
              envFrom:
              - { prefix: PRE_, configMapRef: { name: map } }
              - { configMapRef: { name: absent, optional: true } }
              env:
              - { name: SERVERS, valueFrom: { configMapKeyRef: { name: map, key: SERVERS } } }
              - { name: PLAIN, value: own }
              - { name: PASSWORD, valueFrom: { secretKeyRef: { name: secret, key: password } } }
              - { name: NONE, valueFrom: { configMapKeyRef: { name: map, key: absent, optional: true } } }
              - { name: COMPOSED, value: '<$(SERVERS)>' }
              - { name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu, divisor: 1m } } }
              - { name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
              - { name: LABEL, valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }
              - { name: ACCOUNT, value: /var/run/secrets/kubernetes.io/serviceaccount }
              resources: { limits: { cpu: 250m } }
            """);

        await node.PhaseAsync("pod", "Succeeded");
        var lines = (await node.LogAsync("pod")).Split('\n');
        Assert.Equal("a:1,b:2|own|map|s!||<a:1,b:2>|250|switchback|pod|own", lines[0]);
        Assert.Equal("token-of-poddefault", lines[1]);
        Assert.DoesNotContain(lines[2].Split(' '), name => name is "USER" or "LOGNAME" or "SHELL" or "DOTNET_CLI_TELEMETRY_OPTOUT");
    }

    [Fact]
    public async Task A_missing_reference_is_said_and_the_pod_starts_once_it_is_there()
    {
        await using var node = await NodeFixture.StartAsync();
        node.CreatePod("env", "containers: [{ name: main, image: sh, args: ['echo $X; sleep 100'], env: [{ name: X, valueFrom: { configMapKeyRef: { name: late, key: x } } }] }]");
        node.CreatePod("volume", "containers: [{ name: main, image: sh, args: ['cat /c/x; echo; sleep 100'], volumeMounts: [{ name: v, mountPath: /c }] }]\nvolumes: [{ name: v, configMap: { name: late } }]");
        await Eventually.HoldsAsync(() => node.Container("env")?.Text("state", "waiting", "reason") == "CreateContainerConfigError", "the missing ConfigMap is said");
        Assert.Equal("configmap \"late\" not found", node.Container("env")?.Text("state", "waiting", "message"));
        await Eventually.HoldsAsync(() => node.Events("FailedMount").Contains("MountVolume.SetUp failed for volume \"v\" : configmap \"late\" not found"), "the volume's too");

        node.Create(ResourceTypes.ConfigMap, "metadata: { name: late }\ndata: { x: there }");

        await node.LogHasAsync("env", "there");
        await node.LogHasAsync("volume", "there");
    }
}
