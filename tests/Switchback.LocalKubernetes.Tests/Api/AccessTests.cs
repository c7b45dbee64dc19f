using System.Globalization;
using System.Net;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Api;

[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class AccessTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    /// <summary>As the origin's manifests have it, an empty group in the reference included.</summary>
    private const string Binding =
        """{"metadata":{"name":"read"},"subjects":[{"kind":"ServiceAccount","name":"default","namespace":"NS"}],"roleRef":{"kind":"Role","name":"namespace-reader","apiGroup":""}}""";

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA")]
    public async Task Without_a_good_token_nothing_is_told(string? token)
    {
        using var client = api.Client(token);
        var (code, status) = await api.SendAsync(HttpMethod.Get, "/api/v1/namespaces", client: client);

        Assert.Equal(HttpStatusCode.Unauthorized, code);
        Assert.Equal("Unauthorized", status.Text("reason"));
    }

    [Fact]
    public async Task A_service_account_may_do_what_its_role_says_and_no_more()
    {
        var ns = await api.NamespaceAsync();
        await api.SendAsync(
            HttpMethod.Post,
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            """{"metadata":{"name":"namespace-reader"},"rules":[{"apiGroups":[""],"resources":["configmaps","pods"],"verbs":["get","list","watch"]}]}""");
        var (bound, binding) = await api.SendAsync(
            HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", Binding.Replace("NS", ns, StringComparison.Ordinal));
        Assert.True(bound == HttpStatusCode.Created, binding.ToJsonString());
        var (_, issued) = await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/default/token", """{"spec":{"expirationSeconds":600}}""");
        using var client = api.Client(issued.Text("status", "token"));

        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps", client: client)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps", client: client)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods/x/log", client: client)).Code);
        var (code, status) = await api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/configmaps/kube-root-ca.crt", client: client);
        Assert.Equal(HttpStatusCode.Forbidden, code);
        Assert.Equal(
            $"configmaps \"kube-root-ca.crt\" is forbidden: User \"system:serviceaccount:{ns}:default\" cannot delete resource \"configmaps\" in API group \"\" in the namespace \"{ns}\"",
            status.Text("message"));
    }

    [Fact]
    public async Task A_token_dies_with_its_account()
    {
        var ns = await api.NamespaceAsync();
        await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"bob"}}""");
        var (_, issued) = await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/bob/token", """{"spec":{}}""");
        using var client = api.Client(issued.Text("status", "token"));
        Assert.Equal(HttpStatusCode.OK, (await api.SendAsync(HttpMethod.Get, "/version", client: client)).Code);

        await api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/serviceaccounts/bob");

        // A real server believes a token for ten seconds more.
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, "/version", client: client)).Code == HttpStatusCode.Unauthorized, "the token is refused");
    }

    [Fact]
    public void Secrets_of_the_platform_are_their_owners_only()
    {
        api.OnlyEmbedded("its files");
        foreach (var file in new[] { "kubeconfig", "admin.token", "ca.key", "service-account.key", "state.jsonl" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(api.DataDirectory, file)));
        }
    }

    [Fact]
    public void It_listens_on_loopback_only()
    {
        api.OnlyEmbedded("its process");
        var port = api.Platform.Address.Port.ToString("X4", CultureInfo.InvariantCulture);
        var listening = new[] { "/proc/self/net/tcp", "/proc/self/net/tcp6" }.SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && fields[1].EndsWith(':' + port, StringComparison.Ordinal))
            .Select(fields => fields[1].Split(':')[0]);

        Assert.Equal(["0100007F"], listening);
    }

    [Fact]
    public async Task A_namespace_empties_itself_and_goes()
    {
        var ns = await api.NamespaceAsync();
        await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", Manifests.ConfigMap("one", "a"));

        var (_, ending) = await api.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}");

        Assert.True(ending.IsBeingDeleted());
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}")).Code == HttpStatusCode.NotFound, "the namespace is gone");
        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/configmaps/one")).Code);
    }

    [Fact]
    public async Task What_an_owner_leaves_behind_is_collected()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, owner) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("owner", "a"));
        await api.SendAsync(
            HttpMethod.Post,
            path,
            $$$"""{"metadata":{"name":"owned","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{owner.Uid()}}}"}]}}""");

        await api.SendAsync(HttpMethod.Delete, path + "/owner");

        await Eventually.HoldsAsync(async () => (await api.SendAsync(HttpMethod.Get, path + "/owned")).Code == HttpStatusCode.NotFound, "the owned object is gone");
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_taken_away()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}""");

        var (_, held) = await api.SendAsync(HttpMethod.Delete, path + "/held");
        Assert.True(held.IsBeingDeleted());
        await api.SendAsync(HttpMethod.Patch, path + "/held", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");

        Assert.Equal(HttpStatusCode.NotFound, (await api.SendAsync(HttpMethod.Get, path + "/held")).Code);
    }
}
