using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>What a user types, by the real kubectl.</summary>
[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class KubectlTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Apply_creates_then_changes_only_what_differs()
    {
        var ns = await api.NamespaceAsync();
        var manifest = Manifests.Deployment("web").Replace("\"creationTimestamp\": null, ", "", StringComparison.Ordinal);
        Assert.Equal("deployment.apps/web created", await api.OkAsync($"apply -n {ns} -f -", manifest));
        Assert.Equal("deployment.apps/web unchanged", await api.OkAsync($"apply -n {ns} -f -", manifest));
        Assert.Equal("deployment.apps/web configured", await api.OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web", "nobody/has:2")));
        Assert.Equal("nobody/has:2 other", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[*].image}"""));
    }

    [Fact]
    public async Task Tables_have_kubectls_columns()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));

        Assert.Matches(@"^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0/0 +0 +0 +\d+s$", await api.OkAsync($"get deploy -n {ns}"));
        Assert.Matches(@"CONTAINERS +IMAGES +SELECTOR\nweb .* app,sidecar +nobody/has:1,other +app=web$", await api.OkAsync($"get deploy -n {ns} -o wide"));
        Assert.Matches(@"^NAME +DATA +AGE\nkube-root-ca.crt +1 +\d+s$", await api.OkAsync($"get cm -n {ns}"));
    }

    [Fact]
    public async Task Objects_are_made_by_hand()
    {
        var ns = "hand-" + Guid.NewGuid().ToString("N")[..8];
        Assert.Equal($"namespace/{ns} created", await api.OkAsync($"create namespace {ns}"));
        await api.OkAsync($"create configmap settings -n {ns} --from-literal=a=b");
        await api.OkAsync($"create secret generic pass -n {ns} --from-literal=word=geheim");
        await api.OkAsync($"create deployment web -n {ns} --image=nobody/has:1 --replicas=0 --port=80");
        await api.OkAsync($"expose deployment web -n {ns} --port=8080 --type=LoadBalancer");

        Assert.Equal("b", await api.OkAsync($$"""get cm settings -n {{ns}} -o jsonpath={.data.a}"""));
        Assert.Equal("Z2VoZWlt", await api.OkAsync($$"""get secret pass -n {{ns}} -o jsonpath={.data.word}"""));
        Assert.Equal("0", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.replicas}"""));
        Assert.Matches(@"web +LoadBalancer +10\.96\.\d+\.\d+ ", await api.OkAsync($"get svc -n {ns}"));
        await api.OkAsync($"delete namespace {ns} --wait=false");
    }

    [Fact]
    public async Task Patches_of_all_three_kinds_and_the_verbs_made_of_them()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));
        await api.OkAsync("""patch deploy web -n NS -p {"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"B","value":"3"}]}]}}}}""".Replace("NS", ns, StringComparison.Ordinal));
        Assert.Equal("1 3", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[*].value}"""));
        await api.OkAsync($$$"""patch deploy web -n {{{ns}}} --type=merge -p {"spec":{"minReadySeconds":7}}""");
        await api.OkAsync($$"""patch deploy web -n {{ns}} --type=json -p [{"op":"remove","path":"/spec/template/spec/containers/0/env/0"}]""");
        Assert.Equal("3", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[*].value}"""));
        Assert.Equal("deployment.apps/web image updated", await api.OkAsync($"set image deploy/web app=nobody/has:9 -n {ns}"));
        Assert.Equal("deployment.apps/web restarted", await api.OkAsync($"rollout restart deploy/web -n {ns}"));
        Assert.Equal("deployment.apps/web scaled", await api.OkAsync($"scale deploy/web --replicas=0 -n {ns}"));
        Assert.Equal("deployment.apps/web paused", await api.OkAsync($"rollout pause deploy/web -n {ns}"));
        Assert.Equal("deployment.apps/web labeled", await api.OkAsync($"label deploy web x=y -n {ns}"));
        Assert.Contains("Annotations:", await api.OkAsync($"describe deploy web -n {ns}"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps \"web\" deleted", await api.OkAsync($"delete deploy web -n {ns}"));
    }

    [Fact]
    public async Task A_mistake_is_answered_as_kubectl_users_know_it()
    {
        api.Since(25, "validation by the server");
        var (code, _, error) = await api.KubectlAsync("apply -f -", Manifests.Deployment("web").Replace("\"replicas\"", "\"replicaz\"", StringComparison.Ordinal));
        Assert.Equal(1, code);
        Assert.Contains("strict decoding error: unknown field \"spec.replicaz\"", error, StringComparison.Ordinal);

        (_, _, error) = await api.KubectlAsync("get deploy nothing");
        Assert.Equal("Error from server (NotFound): deployments.apps \"nothing\" not found", error.Trim());
        (_, _, error) = await api.KubectlAsync("get nothings");
        Assert.Equal("error: the server doesn't have a resource type \"nothings\"", error.Trim());
    }

    [Fact]
    public async Task Permissions_can_be_asked_for()
    {
        Assert.Equal("yes", await api.OkAsync("auth can-i delete pods"));
        var (_, output, _) = await api.KubectlAsync("auth can-i delete pods --as=system:serviceaccount:default:default");
        Assert.Equal("no", output.Trim());
    }

    [Fact]
    public async Task A_difference_is_shown_without_being_made()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));
        var (code, output, _) = await api.KubectlAsync($"diff -n {ns} -f -", Manifests.Deployment("web", "nobody/has:2"));

        Assert.Equal(1, code);
        Assert.Contains("+      - image: nobody/has:2", output.Replace("          ", "      - ", StringComparison.Ordinal).Replace("+        image", "+      - image", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("nobody/has:1 other", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[*].image}"""));
    }

    [Fact]
    public async Task A_folder_is_applied_as_its_kustomization_says()
    {
        var ns = await api.NamespaceAsync();
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(folder["map.yaml"], "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: map }\ndata: { key: a }\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["kustomization.yaml"], $"namespace: {ns}\nnamePrefix: north-\nresources: [ map.yaml ]\n", TestContext.Current.CancellationToken);

        Assert.Equal("configmap/north-map created", await api.OkAsync($"apply -k {folder.Path}"));
        Assert.Equal("configmap/north-map unchanged", await api.OkAsync($"apply -k {folder.Path}"));
        Assert.Equal("a", await api.OkAsync($$"""get cm north-map -n {{ns}} -o jsonpath={.data.key}"""));
    }

    [Fact]
    public async Task An_object_is_printed_as_JSON_and_as_YAML()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"create configmap map -n {ns} --from-literal=key=a");

        var json = JsonNode.Parse(await api.OkAsync($"get cm map -n {ns} -o json"))!.AsObject();
        Assert.Equal(("v1", "ConfigMap", "a"), (json.Text("apiVersion"), json.Text("kind"), json.Text("data", "key")));
        Assert.StartsWith("apiVersion: v1\ndata:\n  key: a\nkind: ConfigMap\nmetadata:\n", await api.OkAsync($"get cm map -n {ns} -o yaml"), StringComparison.Ordinal);
        var list = JsonNode.Parse(await api.OkAsync($"get cm -n {ns} -o json"))!.AsObject();
        Assert.Equal("List", list.Text("kind"));
        Assert.Contains("map", list.Items("items").Select(item => item.Name()));
    }

    [Fact]
    public async Task What_is_for_later_is_answered_so()
    {
        api.OnlyEmbedded("what it leaves out");
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"create -n {ns} -f -", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"one"},"spec":{"containers":[{"name":"main","image":"sh:1","args":["sleep 600"]}]}}""");
        await api.OkAsync($"wait pod one -n {ns} --for=condition=Ready --timeout=60s");

        var (executed, _, said) = await api.KubectlAsync($"exec one -n {ns} -- true");
        Assert.NotEqual(0, executed);
        Assert.Contains("the embedded platform does not offer pods/exec", said, StringComparison.Ordinal);
        (executed, _, said) = await api.KubectlAsync($"port-forward one -n {ns} 0:8080");
        Assert.NotEqual(0, executed);
        Assert.Contains("the embedded platform does not offer pods/portforward", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_survives_the_end_of_the_platform()
    {
        api.OnlyEmbedded("its process is ended");
        await using var own = new ApiFixture();
        await own.StartAsync();
        var ns = await own.NamespaceAsync();
        await own.KubectlAsync($"create configmap kept -n {ns} --from-literal=a=b");
        var address = own.Platform.Address;
        await own.StopAsync();

        await own.StartAsync();

        Assert.Equal(address, own.Platform.Address);
        Assert.Equal("b", (await own.KubectlAsync($$"""get cm kept -n {{ns}} -o jsonpath={.data.a}""")).Output);
    }
}
