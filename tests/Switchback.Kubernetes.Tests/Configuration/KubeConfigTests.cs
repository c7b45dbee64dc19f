using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Switchback.Kubernetes.Tests.Configuration;

public sealed class KubeConfigTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_current_context_gives_server_namespace_authority_and_token()
    {
        using var authority = Authority();
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.ExportCertificatePem()));
        var config = KubeConfig.Load(Write("config", $$"""
            apiVersion: v1
            kind: Config
            current-context: one
            clusters:
            - name: c
              cluster: { server: "https://127.0.0.1:6443", certificate-authority-data: {{data}} }
            users:
            - name: u
              user: { token: secret }
            contexts:
            - name: one
              context: { cluster: c, user: u, namespace: shop }
            - name: two
              context: { cluster: c, user: u }
            """));
        Assert.Equal(new Uri("https://127.0.0.1:6443"), config.Server);
        Assert.Equal("shop", config.Namespace);
        Assert.Equal(authority.Thumbprint, Assert.Single(config.CertificateAuthorities!).Thumbprint);
        Assert.Equal("secret", await config.Token!.GetAsync(TestContext.Current.CancellationToken));
        Assert.False(config.InsecureSkipTlsVerify);
        Assert.Equal("default", KubeConfig.Load(Path.Combine(folder, "config"), "two").Namespace);
    }

    [Fact]
    public async Task Files_beside_it_are_found_relative_to_it_and_a_token_file_is_read()
    {
        using var authority = Authority();
        Write("ca.pem", authority.ExportCertificatePem());
        Write("token", "from-file\n");
        var config = KubeConfig.Load(Write("config", """
            current-context: one
            clusters: [{ name: c, cluster: { server: "https://host", certificate-authority: ca.pem } }]
            users: [{ name: u, user: { tokenFile: token } }]
            contexts: [{ name: one, context: { cluster: c, user: u } }]
            """));
        Assert.Single(config.CertificateAuthorities!);
        Assert.Equal("from-file", await config.Token!.GetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_program_named_under_exec_hands_out_the_token()
    {
        Write("login", """
            #!/bin/sh
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$PREFIX-$1"'"}}'
            """);
        File.SetUnixFileMode(Path.Combine(folder, "login"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var config = KubeConfig.Load(Write("config", """
            current-context: one
            clusters: [{ name: c, cluster: { server: "https://host" } }]
            users: [{ name: u, user: { exec: { command: ./login, args: [me], env: [{ name: PREFIX, value: for }], apiVersion: client.authentication.k8s.io/v1 } } }]
            contexts: [{ name: one, context: { cluster: c, user: u } }]
            """));
        Assert.Equal("for-me", await config.Token!.GetAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("current-context: gone\ncontexts: [{name: one, context: {}}]", "there is no context \"gone\"; there is: one")]
    [InlineData("contexts: []", "current-context is not set")]
    [InlineData("current-context: one\ncontexts: [{name: one, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: nonsense}}]", "server must be an http or https URL")]
    [InlineData("current-context: one\ncontexts: [{name: one, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://h', certificate-authority-data: '#'}}]", "certificate-authority-data must be base64")]
    [InlineData("a: [", "line 2")]
    public void What_is_wrong_is_said_with_the_file(string yaml, string part)
    {
        var path = Write("config", yaml);
        var error = Assert.Throws<KubeConfigException>(() => KubeConfig.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
    }
}
