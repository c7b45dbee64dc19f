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
        Assert.Equal("deployment.apps/web created", await OkAsync($"apply -n {ns} -f -", manifest));
        Assert.Equal("deployment.apps/web unchanged", await OkAsync($"apply -n {ns} -f -", manifest));
        Assert.Equal("deployment.apps/web configured", await OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web", "nobody/has:2")));
        Assert.Equal("nobody/has:2 other", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[*].image}"""));
    }

    [Fact]
    public async Task Tables_have_kubectls_columns()
    {
        var ns = await api.NamespaceAsync();
        await OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));

        Assert.Matches(@"^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0/0 +0 +0 +\d+s$", await OkAsync($"get deploy -n {ns}"));
        Assert.Matches(@"CONTAINERS +IMAGES +SELECTOR\nweb .* app,sidecar +nobody/has:1,other +app=web$", await OkAsync($"get deploy -n {ns} -o wide"));
        Assert.Matches(@"^NAME +DATA +AGE\nkube-root-ca.crt +1 +\d+s$", await OkAsync($"get cm -n {ns}"));
    }

    [Fact]
    public async Task Objects_are_made_by_hand()
    {
        var ns = "hand-" + Guid.NewGuid().ToString("N")[..8];
        Assert.Equal($"namespace/{ns} created", await OkAsync($"create namespace {ns}"));
        await OkAsync($"create configmap settings -n {ns} --from-literal=a=b");
        await OkAsync($"create secret generic pass -n {ns} --from-literal=word=geheim");
        await OkAsync($"create deployment web -n {ns} --image=nobody/has:1 --replicas=0 --port=80");
        await OkAsync($"expose deployment web -n {ns} --port=8080 --type=LoadBalancer");

        Assert.Equal("b", await OkAsync($$"""get cm settings -n {{ns}} -o jsonpath={.data.a}"""));
        Assert.Equal("Z2VoZWlt", await OkAsync($$"""get secret pass -n {{ns}} -o jsonpath={.data.word}"""));
        Assert.Equal("0", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.replicas}"""));
        Assert.Matches(@"web +LoadBalancer +10\.96\.\d+\.\d+ ", await OkAsync($"get svc -n {ns}"));
    }

    [Fact]
    public async Task Patches_of_all_three_kinds_and_the_verbs_made_of_them()
    {
        var ns = await api.NamespaceAsync();
        await OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));
        await OkAsync("""patch deploy web -n NS -p {"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"B","value":"3"}]}]}}}}""".Replace("NS", ns, StringComparison.Ordinal));
        Assert.Equal("1 3", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[*].value}"""));
        await OkAsync($$$"""patch deploy web -n {{{ns}}} --type=merge -p {"spec":{"minReadySeconds":7}}""");
        await OkAsync($$"""patch deploy web -n {{ns}} --type=json -p [{"op":"remove","path":"/spec/template/spec/containers/0/env/0"}]""");
        Assert.Equal("3", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[*].value}"""));
        Assert.Equal("deployment.apps/web image updated", await OkAsync($"set image deploy/web app=nobody/has:9 -n {ns}"));
        Assert.Equal("deployment.apps/web restarted", await OkAsync($"rollout restart deploy/web -n {ns}"));
        Assert.Equal("deployment.apps/web scaled", await OkAsync($"scale deploy/web --replicas=0 -n {ns}"));
        Assert.Equal("deployment.apps/web paused", await OkAsync($"rollout pause deploy/web -n {ns}"));
        Assert.Equal("deployment.apps/web labeled", await OkAsync($"label deploy web x=y -n {ns}"));
        Assert.Contains("Annotations:", await OkAsync($"describe deploy web -n {ns}"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps \"web\" deleted", await OkAsync($"delete deploy web -n {ns}"));
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
        Assert.Equal("yes", await OkAsync("auth can-i delete pods"));
        var (_, output, _) = await api.KubectlAsync("auth can-i delete pods --as=system:serviceaccount:default:default");
        Assert.Equal("no", output.Trim());
    }

    [Fact]
    public async Task A_difference_is_shown_without_being_made()
    {
        var ns = await api.NamespaceAsync();
        await OkAsync($"apply -n {ns} -f -", Manifests.Deployment("web"));
        var (code, output, _) = await api.KubectlAsync($"diff -n {ns} -f -", Manifests.Deployment("web", "nobody/has:2"));

        Assert.Equal(1, code);
        Assert.Contains("+      - image: nobody/has:2", output.Replace("          ", "      - ", StringComparison.Ordinal).Replace("+        image", "+      - image", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("nobody/has:1 other", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[*].image}"""));
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

    private async Task<string> OkAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await api.KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: {error}");
        return output.Trim();
    }
}
