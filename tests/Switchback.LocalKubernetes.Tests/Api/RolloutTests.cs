namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>The whole platform at work: what a user of kubectl sees of a Deployment's life.</summary>
[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class RolloutTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - { name: app, image: "sh:1", args: ["echo hello from $GREETING; exec sleep 600"], env: [ { name: GREETING, value: one } ] }
        """;

    [Fact]
    public async Task A_change_of_the_template_rolls_and_can_be_undone()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Web);
        Assert.EndsWith("deployment \"web\" successfully rolled out", await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("hello from one", await api.OkAsync($"logs deploy/web -n {ns}"));

        await api.OkAsync($"set env deploy/web GREETING=two -n {ns}");
        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        await api.OkAsync($"wait pod -l app=web -n {ns} --for=condition=Ready --timeout=60s");
        Assert.Matches(@"REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>", await api.OkAsync($"rollout history deploy/web -n {ns}"));

        await api.OkAsync($"rollout undo deploy/web -n {ns}");
        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        Assert.Equal("one", await api.OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[0].value}"""));

        await api.OkAsync($"delete deploy web -n {ns}");
        await api.OkAsync($"wait pod -l app=web -n {ns} --for=delete --timeout=60s");
        Assert.Equal("", await api.OkAsync($"get pods -n {ns} --no-headers -o name"));
    }

    [Fact]
    public async Task A_followed_log_ends_with_its_container_though_the_pod_is_deleted()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Web);
        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        var pod = await api.OkAsync($$"""get pods -n {{ns}} -o jsonpath={.items[0].metadata.name}""");

        using var log = new StreamReader(await api.Http.GetStreamAsync($"/api/v1/namespaces/{ns}/pods/{pod}/log?follow=true", TestContext.Current.CancellationToken));
        Assert.Equal("hello from one", await log.ReadLineAsync(TestContext.Current.CancellationToken));
        await api.OkAsync($"delete deploy web -n {ns}");

        Assert.Null(await log.ReadLineAsync(TestContext.Current.CancellationToken));
    }
}
