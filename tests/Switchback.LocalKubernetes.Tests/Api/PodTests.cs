using System.Net;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>What a pod's containers are given and what becomes of them, seen through the API alone.</summary>
[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class PodTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Init_containers_run_in_order_and_containers_share_a_volume()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: ordered }
            spec:
              restartPolicy: Never
              volumes: [ { name: data, emptyDir: {} } ]
              initContainers:
              - { name: first, image: "sh:1", args: ["echo first >> /data/order"], volumeMounts: [ { name: data, mountPath: /data } ] }
              - { name: second, image: "sh:1", args: ["echo second >> /data/order"], volumeMounts: [ { name: data, mountPath: /data } ] }
              containers:
              - { name: main, image: "sh:1", args: ["cat /data/order; until [ -e /data/met ]; do sleep 1; done; echo met"], volumeMounts: [ { name: data, mountPath: /data } ] }
              - { name: other, image: "sh:1", args: ["touch /data/met"], volumeMounts: [ { name: data, mountPath: /data } ] }
            """);

        await UntilAsync(ns, "ordered", pod => pod.Text("status", "phase") is "Running" or "Succeeded", "the pod has begun");

        Assert.Equal("first\nsecond\nmet", await api.OkAsync($"logs -f ordered -c main -n {ns}"));
        await UntilAsync(ns, "ordered", pod => pod.Text("status", "phase") == "Succeeded", "the pod has succeeded");
        var (_, seen) = await api.SendAsync(HttpMethod.Get, Path(ns, "ordered"));
        Assert.All(seen.Items("status", "initContainerStatuses").Concat(seen.Items("status", "containerStatuses")), one =>
        {
            Assert.Equal("Completed", one.Text("state", "terminated", "reason"));
            Assert.Equal(0, one.Number("state", "terminated", "exitCode"));
        });
    }

    [Fact]
    public async Task An_init_container_that_fails_keeps_the_others_from_starting()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: held }
            spec:
              restartPolicy: Never
              initContainers: [ { name: first, image: "sh:1", args: ["exit 3"] } ]
              containers: [ { name: main, image: "sh:1", args: ["echo started"] } ]
            """);

        await UntilAsync(ns, "held", pod => pod.Text("status", "phase") == "Failed", "the pod has failed");

        var (_, seen) = await api.SendAsync(HttpMethod.Get, Path(ns, "held"));
        Assert.Equal(3, seen.Items("status", "initContainerStatuses").Single().Number("state", "terminated", "exitCode"));
        Assert.Equal("PodInitializing", seen.Items("status", "containerStatuses").Single().Text("state", "waiting", "reason"));
    }

    [Fact]
    public async Task A_native_sidecar_starts_first_and_ends_last()
    {
        api.Since(29, "native sidecars");
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: accompanied }
            spec:
              restartPolicy: Never
              volumes: [ { name: data, emptyDir: {} } ]
              initContainers:
              - name: beside
                image: "sh:1"
                restartPolicy: Always
                args: ["trap 'cat /data/order; exit 0' TERM; echo beside >> /data/order; while :; do sleep 1; done"]
                volumeMounts: [ { name: data, mountPath: /data } ]
                startupProbe: { exec: { command: [ test, -e, /data/order ] }, periodSeconds: 1 }
              containers:
              - { name: main, image: "sh:1", args: ["echo main >> /data/order"], volumeMounts: [ { name: data, mountPath: /data } ] }
            """);

        await UntilAsync(
            ns, "accompanied",
            pod => pod.Text("status", "phase") == "Succeeded" && pod.Items("status", "initContainerStatuses").All(one => one.Object("state", "terminated") is not null),
            "the pod has succeeded, and its sidecar has ended");

        Assert.Equal("beside\nmain\n", await api.LogAsync(ns, "accompanied", "container=beside"));
    }

    [Fact]
    public async Task Variables_and_files_come_from_ConfigMaps_Secrets_and_the_pod_itself()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: map }
            data: { key: from-map, other: unused }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: secret }
            stringData: { word: geheim }
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: told, labels: { app: told } }
            spec:
              restartPolicy: Never
              volumes:
              - name: all
                projected:
                  sources:
                  - configMap: { name: map, items: [ { key: key, path: deep/key } ] }
                  - secret: { name: secret }
                  - downwardAPI: { items: [ { path: labels, fieldRef: { fieldPath: metadata.labels } } ] }
              - name: self
                downwardAPI: { items: [ { path: name, fieldRef: { fieldPath: metadata.name } }, { path: cpu, resourceFieldRef: { containerName: main, resource: limits.cpu, divisor: 1m } } ] }
              - { name: sealed, secret: { secretName: secret, defaultMode: 256 } }
              containers:
              - name: main
                image: "sh:1"
                args:
                - 'echo "$OWN|$PRE_key|$WORD|$NONE|$POD|$SPACE|$CPU|<$(OWN)>"; cat /all/deep/key; echo; cat /all/word; echo; cat /all/labels; echo; cat /self/name; echo; cat /self/cpu; echo; ls /all; cat /sealed/word'
                resources: { limits: { cpu: 250m } }
                envFrom:
                - { prefix: PRE_, configMapRef: { name: map } }
                - { secretRef: { name: absent, optional: true } }
                env:
                - { name: OWN, value: own }
                - { name: WORD, valueFrom: { secretKeyRef: { name: secret, key: word } } }
                - { name: NONE, valueFrom: { configMapKeyRef: { name: map, key: absent, optional: true } } }
                - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
                - { name: SPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
                - { name: CPU, valueFrom: { resourceFieldRef: { resource: limits.cpu, divisor: 1m } } }
                volumeMounts: [ { name: all, mountPath: /all }, { name: self, mountPath: /self }, { name: sealed, mountPath: /sealed } ]
            """);

        await UntilAsync(ns, "told", pod => pod.Text("status", "phase") == "Succeeded", "the pod has succeeded");

        Assert.Equal($"own|from-map|geheim||told|{ns}|250|<own>\nfrom-map\ngeheim\napp=\"told\"\ntold\n250\ndeep\nlabels\nword\ngeheim", await api.LogAsync(ns, "told"));
    }

    [Fact]
    public async Task A_mounted_ConfigMap_follows_its_object_and_a_Service_has_ready_pods_only()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: flags }
            data: { other: "1" }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: web }
            spec: { selector: { app: web }, ports: [ { port: 80, targetPort: 8080 } ] }
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: web, labels: { app: web } }
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [ { name: flags, configMap: { name: flags } } ]
              containers:
              - name: main
                image: "sh:1"
                args: ["while :; do echo $(readlink /flags/..data) $(readlink /flags/ready); sleep 1; done"]
                readinessProbe: { exec: { command: [ test, -e, /flags/ready ] }, periodSeconds: 1, failureThreshold: 1 }
                volumeMounts: [ { name: flags, mountPath: /flags } ]
            """);
        var endpoints = $"/api/v1/namespaces/{ns}/endpoints/web";
        await api.UntilAsync(endpoints, item => Count(item, "notReadyAddresses") == 1, "the pod runs and is not ready");
        Assert.Equal(0, Count((await api.SendAsync(HttpMethod.Get, endpoints)).Body, "addresses"));
        await SaysAsync(line => line.Length == 1);

        await MergeAsync($"/api/v1/namespaces/{ns}/configmaps/flags", """{"data":{"ready":"1"}}""");
        await api.UntilAsync(endpoints, item => Count(item, "addresses") == 1 && Count(item, "notReadyAddresses") == 0, "it is ready once the file has come");
        await SaysAsync(line => line is [_, "..data/ready"]);

        await MergeAsync($"/api/v1/namespaces/{ns}/configmaps/flags", """{"data":{"ready":null}}""");
        await api.UntilAsync(endpoints, item => Count(item, "addresses") == 0, "it is not ready once the file has gone");

        // Each change came whole, as another folder behind the same link.
        await SaysAsync(line => line.Length == 1);
        Assert.True((await LinesAsync()).Select(line => line[0]).Distinct().Count() >= 3);
        Assert.Equal(0, (await api.SendAsync(HttpMethod.Get, Path(ns, "web"))).Body.Items("status", "containerStatuses").Single().Number("restartCount"));

        Task SaysAsync(Func<string[], bool> last) => Eventually.HoldsAsync(
            async () => (await LinesAsync()).LastOrDefault() is { } line && last(line), "the container sees it", () => api.LogAsync(ns, "web"));

        async Task<List<string[]>> LinesAsync() =>
            [.. (await api.LogAsync(ns, "web")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

        static int Count(JsonObject item, string field) => item.Items("subsets").Sum(subset => subset.Items(field).Count());
    }

    [Fact]
    public async Task An_HTTP_probe_follows_the_answers_and_a_TCP_probe_the_port()
    {
        Assert.SkipUnless(api.IsForeign || File.Exists("/usr/bin/python3"), "python3 is not installed");
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: pages }
            data: { ready: "yes" }
            ---
            apiVersion: v1
            kind: Pod
            metadata: { name: web }
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [ { name: pages, configMap: { name: pages } } ]
              containers:
              - name: main
                image: "sh:1"
                args: ['cd /pages; if command -v python3 >/dev/null; then exec python3 -m http.server "${ADDRESS#*:}"; else exec httpd -f -p "${ADDRESS#*:}"; fi']
                env: [ { name: ADDRESS, value: "0.0.0.0:8080" } ]
                ports: [ { name: http, containerPort: 8080 } ]
                startupProbe: { tcpSocket: { port: http }, periodSeconds: 1, failureThreshold: 60 }
                livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
                readinessProbe: { httpGet: { path: /ready, port: http }, periodSeconds: 1, failureThreshold: 1 }
                volumeMounts: [ { name: pages, mountPath: /pages } ]
            """);
        await UntilAsync(ns, "web", pod => Condition(pod, "Ready") == "True", "it is ready");

        await MergeAsync($"/api/v1/namespaces/{ns}/configmaps/pages", """{"data":{"ready":null,"other":"x"}}""");

        await UntilAsync(ns, "web", pod => Condition(pod, "Ready") == "False", "it is not ready");
        await api.UntilAsync(
            $"/api/v1/namespaces/{ns}/events",
            list => list.Items("items").Any(item => item.Text("message") == "Readiness probe failed: HTTP probe failed with statuscode: 404"), "the event says why");
        Assert.Equal(0, (await api.SendAsync(HttpMethod.Get, Path(ns, "web"))).Body.Items("status", "containerStatuses").Single().Number("restartCount"));
    }

    [Fact]
    public async Task A_startup_probe_holds_liveness_back_and_liveness_restarts()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: live }
            spec:
              terminationGracePeriodSeconds: 1
              volumes: [ { name: data, emptyDir: {} } ]
              containers:
              - name: main
                image: "sh:1"
                args: ["sleep 3; touch /data/up; echo up; sleep 3; rm /data/up; while :; do sleep 1; done"]
                startupProbe: { exec: { command: [ test, -e, /data/up ] }, periodSeconds: 1, failureThreshold: 60 }
                livenessProbe: { exec: { command: [ test, -e, /data/up ] }, periodSeconds: 1, failureThreshold: 1 }
                volumeMounts: [ { name: data, mountPath: /data } ]
            """);

        await UntilAsync(ns, "live", pod => pod.Items("status", "containerStatuses").Any(one => one.Number("restartCount") >= 1), "it is restarted");

        // Not before it was up: the first run got as far as that.
        Assert.Equal("up\n", await api.LogAsync(ns, "live", "previous=true"));
        await api.UntilAsync(
            $"/api/v1/namespaces/{ns}/events",
            list => list.Items("items").Any(item => item.Text("message") == "Container main failed liveness probe, will be restarted"), "the event says why");
    }

    [Fact]
    public async Task Hooks_run_after_the_start_and_before_the_end()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: hooked }
            spec:
              terminationGracePeriodSeconds: 20
              volumes: [ { name: data, emptyDir: {} } ]
              containers:
              - name: main
                image: "sh:1"
                args: ["trap 'cat /data/hooks; exit 0' TERM; echo up; while :; do sleep 1; done"]
                volumeMounts: [ { name: data, mountPath: /data } ]
                lifecycle:
                  postStart: { exec: { command: [ sh, -c, "echo post >> /data/hooks" ] } }
                  preStop: { exec: { command: [ sh, -c, "echo pre >> /data/hooks" ] } }
            """);

        Assert.Equal("up\npost\npre\n", await DeletedAsync(ns, "hooked"));
    }

    [Fact]
    public async Task What_does_not_end_in_its_grace_period_is_killed()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: stubborn }
            spec:
              terminationGracePeriodSeconds: 3
              containers: [ { name: main, image: "sh:1", args: ["trap 'echo no' TERM; echo up; while :; do sleep 1; done"] } ]
            """);

        Assert.Equal("up\nno\n", await DeletedAsync(ns, "stubborn"));
    }

    [Fact]
    public async Task A_container_that_keeps_ending_is_started_again_with_a_back_off()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: crash }
            spec: { containers: [ { name: main, image: "sh:1", args: ["echo run; exit 5"] } ] }
            """);

        JsonObject? container = null;
        await UntilAsync(
            ns, "crash",
            pod => (container = pod.Items("status", "containerStatuses").SingleOrDefault())?.Text("state", "waiting", "reason") == "CrashLoopBackOff" && container.Number("restartCount") >= 1,
            "it backs off");

        Assert.Matches("^back-off [0-9ms]+ restarting failed container=main pod=crash_", container!.Text("state", "waiting", "message"));
        Assert.Equal(5, container!.Number("lastState", "terminated", "exitCode"));
        Assert.Equal("Error", container!.Text("lastState", "terminated", "reason"));
        Assert.Equal("run\n", await api.LogAsync(ns, "crash", "previous=true"));
    }

    [Fact]
    public async Task A_missing_reference_is_said_and_the_container_starts_once_it_is_there()
    {
        var ns = await CreateAsync("""
            apiVersion: v1
            kind: Pod
            metadata: { name: waits }
            spec:
              restartPolicy: Never
              containers: [ { name: main, image: "sh:1", args: ["echo $X"], env: [ { name: X, valueFrom: { configMapKeyRef: { name: late, key: x } } } ] } ]
            """);
        await UntilAsync(
            ns, "waits",
            pod => pod.Items("status", "containerStatuses").Any(one => one.Text("state", "waiting", "reason") == "CreateContainerConfigError"
                && one.Text("state", "waiting", "message") == "configmap \"late\" not found"), "what is missing is said");

        await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"late"},"data":{"x":"there"}}""");

        await UntilAsync(ns, "waits", pod => pod.Text("status", "phase") == "Succeeded", "the pod has succeeded");
        Assert.Equal("there\n", await api.LogAsync(ns, "waits"));
    }

    private static string Path(string ns, string pod) => $"/api/v1/namespaces/{ns}/pods/{pod}";

    private static string? Condition(JsonObject pod, string type) =>
        pod.Items("status", "conditions").FirstOrDefault(one => one.Text("type") == type)?.Text("status");

    private Task UntilAsync(string ns, string pod, Func<JsonObject, bool> condition, string what) => api.UntilAsync(Path(ns, pod), condition, what);

    private async Task<string> CreateAsync(string manifests)
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"create -n {ns} -f -", manifests);
        return ns;
    }

    /// <summary>Waits until the pod is ready and has said that it is up, deletes it, and gives its log up to its end.</summary>
    private async Task<string> DeletedAsync(string ns, string pod)
    {
        await UntilAsync(ns, pod, seen => Condition(seen, "Ready") == "True", "it is ready");
        await Eventually.HoldsAsync(async () => (await api.LogAsync(ns, pod)).StartsWith("up\n", StringComparison.Ordinal), "it is up");
        using var log = new StreamReader(await api.Http.GetStreamAsync(Path(ns, pod) + "/log?follow=true", TestContext.Current.CancellationToken));
        await api.SendAsync(HttpMethod.Delete, Path(ns, pod));
        var text = await log.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => (await api.SendAsync(HttpMethod.Get, Path(ns, pod))).Code == HttpStatusCode.NotFound, "it is gone");

        // A kubelet whose container is removed while its log is followed ends the stream with words of its own runtime.
        var runtime = text.IndexOf("rpc error: code = NotFound", StringComparison.Ordinal);
        return runtime < 0 ? text : text[..runtime];
    }

    private Task MergeAsync(string path, string patch) => api.SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json");
}
