using System.Net;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Api;

[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class RequestTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_deployment_gets_the_defaults_of_a_real_server()
    {
        var ns = await api.NamespaceAsync();
        var (code, item) = await api.SendAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{ns}/deployments?fieldValidation=Strict", Manifests.Deployment("web"));

        Assert.Equal(HttpStatusCode.Created, code);
        Assert.Equal(1, item.Generation());
        Assert.NotNull(item.Text("metadata", "creationTimestamp"));
        Assert.Equal("RollingUpdate", item.Text("spec", "strategy", "type"));
        Assert.Equal("25%", item.Text("spec", "strategy", "rollingUpdate", "maxSurge"));
        Assert.Equal("25%", item.Text("spec", "strategy", "rollingUpdate", "maxUnavailable"));
        Assert.Equal(10, item.Number("spec", "revisionHistoryLimit"));
        Assert.Equal(600, item.Number("spec", "progressDeadlineSeconds"));
        var pod = item.Object("spec", "template", "spec")!;
        Assert.Equal("Always", pod.Text("restartPolicy"));
        Assert.Equal(30, pod.Number("terminationGracePeriodSeconds"));
        Assert.Equal("ClusterFirst", pod.Text("dnsPolicy"));
        Assert.Equal(["IfNotPresent", "Always"], pod.Items("containers").Select(one => one.Text("imagePullPolicy")));
        Assert.Equal("TCP", pod.Items("containers").Last().Items("ports").Single().Text("protocol"));
    }

    [Fact]
    public async Task Only_a_change_of_the_specification_counts_a_generation()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        await api.SendAsync(HttpMethod.Post, path, Manifests.Deployment("web"));

        var (_, labelled) = await MergeAsync(path + "/web", """{"metadata":{"labels":{"x":"y"}}}""");
        var (_, scaled) = await MergeAsync(path + "/web", """{"spec":{"minReadySeconds":3}}""");
        var (_, same) = await MergeAsync(path + "/web", """{"spec":{"minReadySeconds":3}}""");

        Assert.Equal(1, labelled.Generation());
        Assert.Equal(2, scaled.Generation());
        Assert.Equal(2, same.Generation());
    }

    [Fact]
    public async Task A_Deployments_annotations_count_too_and_no_other_kinds()
    {
        var ns = await api.NamespaceAsync();
        var deployments = $"/apis/apps/v1/namespaces/{ns}/deployments";
        var stateful = $"/apis/apps/v1/namespaces/{ns}/statefulsets";
        await api.SendAsync(HttpMethod.Post, deployments, Manifests.Deployment("web", replicas: 0));
        await api.SendAsync(HttpMethod.Post, stateful, Manifests.Deployment("web", replicas: 0).Replace("Deployment", "StatefulSet", StringComparison.Ordinal));
        // The controller's own annotation comes with the status, and counts nothing.
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, deployments + "/web")).Body.Number("status", "observedGeneration") == 1, "the Deployment is observed");

        var (_, deployment) = await MergeAsync(deployments + "/web", """{"metadata":{"annotations":{"note":"new"}}}""");
        var (_, again) = await MergeAsync(deployments + "/web", """{"metadata":{"annotations":{"note":"new"}}}""");
        var (_, set) = await MergeAsync(stateful + "/web", """{"metadata":{"annotations":{"note":"new"}}}""");

        Assert.Equal("1", deployment.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal(2, deployment.Generation());
        Assert.Equal(2, again.Generation());
        Assert.Equal(1, set.Generation());
    }

    [Fact]
    public async Task A_write_that_changes_nothing_makes_no_version()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, first) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));
        var (_, same) = await MergeAsync(path + "/one", """{"data":{"key":"a"}}""");

        Assert.Equal(first.ResourceVersion(), same.ResourceVersion());
    }

    [Fact]
    public async Task Who_writes_with_an_old_version_gets_a_conflict()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, first) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));
        await MergeAsync(path + "/one", """{"data":{"key":"b"}}""");

        var (code, status) = await api.SendAsync(HttpMethod.Put, path + "/one", first.ToJsonString());

        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("Conflict", status.Text("reason"));
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"one\": the object has been modified; please apply your changes to the latest version and try again",
            status.Text("message"));
    }

    [Fact]
    public async Task What_is_there_is_not_created_again_and_what_is_not_is_not_found()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));

        var (code, status) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "b"));
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal(("AlreadyExists", "configmaps \"one\" already exists"), (status.Text("reason"), status.Text("message")));

        (code, status) = await api.SendAsync(HttpMethod.Delete, path + "/two");
        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Equal(("NotFound", "configmaps \"two\" not found"), (status.Text("reason"), status.Text("message")));
        Assert.Equal(("configmaps", "two"), (status.Text("details", "kind"), status.Text("details", "name")));
    }

    [Theory]
    [InlineData("""{"spec":{"replicaz":1}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.replicaz\"")]
    [InlineData("""{"spec":{"replicas":"two"}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"app","prots":[]}]}}}}""", "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.template.spec.containers[0].prots\"")]
    public async Task Fields_that_cannot_be_are_refused_by_name(string change, string message)
    {
        api.Since(25, "validation by the server");
        var ns = await api.NamespaceAsync();
        await api.SendAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{ns}/deployments", Manifests.Deployment("web"));

        var (code, status) = await api.SendAsync(
            HttpMethod.Patch, $"/apis/apps/v1/namespaces/{ns}/deployments/web?fieldValidation=Strict", change, "application/strategic-merge-patch+json");

        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Equal(message, status.Text("message"));
    }

    [Theory]
    [InlineData("spec.selector", "{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"other\"}}}}}")]
    [InlineData("spec.template.metadata.labels", "{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"app\":\"other\"}}}}}")]
    [InlineData("spec.template.spec.containers[0].image", "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"\"}]}}}}")]
    [InlineData("spec.template.spec.containers[0].volumeMounts[0].name", "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"app\",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}]}]}}}}")]
    [InlineData("spec.template.spec.restartPolicy", "{\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":\"Never\"}}}}")]
    [InlineData("spec.replicas", "{\"spec\":{\"replicas\":-1}}")]
    public async Task What_does_not_hold_is_refused_with_the_fields_path(string field, string change)
    {
        var ns = await api.NamespaceAsync();
        await api.SendAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{ns}/deployments", Manifests.Deployment("web"));

        var (code, status) = await api.SendAsync(
            HttpMethod.Patch, $"/apis/apps/v1/namespaces/{ns}/deployments/web", change, "application/strategic-merge-patch+json");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal("Invalid", status.Text("reason"));
        Assert.Contains(field, status.Items("details", "causes").Select(cause => cause.Text("field")));
        Assert.StartsWith("Deployment.apps \"web\" is invalid: ", status.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_as_of_one_moment()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        foreach (var number in Enumerable.Range(0, 7))
        {
            await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap($"map-{number}", "v"));
        }

        var names = new List<string>();
        var token = "";
        do
        {
            var (_, page) = await api.SendAsync(HttpMethod.Get, $"{path}?limit=3&continue={token}");
            names.AddRange(page.Items("items").Select(item => item.Name()));
            token = page.Text("metadata", "continue");
            await api.SendAsync(HttpMethod.Delete, path + "/map-6");
        }
        while (token is not null);

        Assert.Equal(["kube-root-ca.crt", .. Enumerable.Range(0, 7).Select(number => $"map-{number}")], names);
        var (code, _) = await api.SendAsync(HttpMethod.Get, path + "?limit=3&continue=nonsense");
        Assert.Equal(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Selectors_choose_by_labels_and_fields()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        foreach (var (name, tier) in new[] { ("a", "web"), ("b", "db"), ("c", "cache") })
        {
            await api.SendAsync(HttpMethod.Post, path, $$$"""{"metadata":{"name":"{{{name}}}","labels":{"tier":"{{{tier}}}"} }}""");
        }

        Assert.Equal(["a", "c"], await NamesAsync("tier in (web,cache)"));
        Assert.Equal(["a", "b"], await NamesAsync("tier,tier!=cache"));
        Assert.Equal(["b"], await NamesAsync("tier==db"));
        Assert.Equal(["kube-root-ca.crt"], await NamesAsync("!tier"));
        var (_, byField) = await api.SendAsync(HttpMethod.Get, path + "?fieldSelector=metadata.name%3Db");
        Assert.Equal("b", byField.Items("items").Single().Name());
        var (code, _) = await api.SendAsync(HttpMethod.Get, path + "?fieldSelector=data.key%3Db");
        Assert.Equal(HttpStatusCode.BadRequest, code);

        async Task<IEnumerable<string>> NamesAsync(string selector)
        {
            var (_, list) = await api.SendAsync(HttpMethod.Get, $"{path}?labelSelector={Uri.EscapeDataString(selector)}");
            return list.Items("items").Select(item => item.Name());
        }
    }

    [Fact]
    public async Task A_dry_run_answers_and_changes_nothing()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (created, _) = await api.SendAsync(HttpMethod.Post, path + "?dryRun=All", Manifests.ConfigMap("one", "a"));
        var (found, _) = await api.SendAsync(HttpMethod.Get, path + "/one");

        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal(HttpStatusCode.NotFound, found);
    }

    [Fact]
    public async Task Server_side_apply_is_refused_clearly()
    {
        api.OnlyEmbedded("what it leaves out");
        var (code, status) = await api.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/configmaps/x?fieldManager=me", "{}", "application/apply-patch+yaml");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, code);
        Assert.Contains("server-side apply", status.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_generated_where_one_is_asked_for()
    {
        var ns = await api.NamespaceAsync();
        var (_, item) = await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"generateName":"made-"}}""");

        Assert.Matches("^made-[a-z0-9]{5}$", item.Name());
    }

    [Fact]
    public async Task Discovery_and_openapi_name_every_kind()
    {
        var (_, core) = await api.SendAsync(HttpMethod.Get, "/api/v1");
        var (_, groups) = await api.SendAsync(HttpMethod.Get, "/apis");
        Assert.Contains("pods/log", core.Items("resources").Select(one => one.Text("name")));
        Assert.Contains("apps", groups.Items("groups").Select(one => one.Text("name")));
        api.Since(24, "OpenAPI v3");
        var (_, schema) = await api.SendAsync(HttpMethod.Get, "/openapi/v3/apis/apps/v1");
        var containers = schema.Object("components", "schemas", "io.k8s.api.core.v1.PodSpec", "properties", "containers")!;
        Assert.Equal("name", containers.Text("x-kubernetes-patch-merge-key"));
    }

    private Task<(HttpStatusCode Code, JsonObject Body)> MergeAsync(string path, string patch) =>
        api.SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json");
}
