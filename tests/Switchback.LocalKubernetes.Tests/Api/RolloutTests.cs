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
        await OkAsync($"apply -n {ns} -f -", Web);
        Assert.EndsWith("deployment \"web\" successfully rolled out", await OkAsync($"rollout status deploy/web -n {ns} --timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("hello from one", await OkAsync($"logs deploy/web -n {ns}"));

        await OkAsync($"set env deploy/web GREETING=two -n {ns}");
        await OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        await OkAsync($"wait pod -l app=web -n {ns} --for=condition=Ready --timeout=60s");
        Assert.Matches(@"REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>", await OkAsync($"rollout history deploy/web -n {ns}"));

        await OkAsync($"rollout undo deploy/web -n {ns}");
        await OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        Assert.Equal("one", await OkAsync($$"""get deploy web -n {{ns}} -o jsonpath={.spec.template.spec.containers[0].env[0].value}"""));

        await OkAsync($"delete deploy web -n {ns}");
        await OkAsync($"wait pod -l app=web -n {ns} --for=delete --timeout=60s");
        Assert.Equal("", await OkAsync($"get pods -n {ns} --no-headers -o name"));
    }

    [Fact]
    public async Task A_followed_log_ends_with_its_container_though_the_pod_is_deleted()
    {
        var ns = await api.NamespaceAsync();
        await OkAsync($"apply -n {ns} -f -", Web);
        await OkAsync($"rollout status deploy/web -n {ns} --timeout=60s");
        var pod = await OkAsync($$"""get pods -n {{ns}} -o jsonpath={.items[0].metadata.name}""");

        using var log = new StreamReader(await api.Http.GetStreamAsync($"/api/v1/namespaces/{ns}/pods/{pod}/log?follow=true", TestContext.Current.CancellationToken));
        Assert.Equal("hello from one", await log.ReadLineAsync(TestContext.Current.CancellationToken));
        await OkAsync($"delete deploy web -n {ns}");

        Assert.Null(await log.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> OkAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await api.KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: {error}");
        return output.Trim();
    }
}
