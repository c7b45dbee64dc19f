using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Tests.Client;

public sealed class TlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-tls-").FullName;
    private readonly TestAuthority _ours = new();
    private readonly TestAuthority _another = new();

    public void Dispose()
    {
        _ours.Dispose();
        _another.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public Task A_certificate_of_the_named_authority_for_the_host_is_taken() => ConnectAsync(_ours, "127.0.0.1", Trusting(_ours));

    [Fact]
    public Task Another_authoritys_certificate_is_refused() => RefusedAsync(_another, "127.0.0.1", Trusting(_ours));

    [Fact]
    public Task Without_an_authority_of_its_own_the_systems_are_asked() => RefusedAsync(_ours, "127.0.0.1", new ClientSecurity { Protocol = SecurityProtocol.Ssl });

    [Fact]
    public Task A_certificate_for_another_host_is_refused() => RefusedAsync(_ours, "elsewhere.example", Trusting(_ours));

    [Fact]
    public Task A_certificate_for_another_host_is_taken_where_names_are_not_verified() =>
        ConnectAsync(_ours, "elsewhere.example", Trusting(_ours) with { VerifyHostname = false });

    [Fact]
    public Task Another_authoritys_certificate_is_refused_where_only_names_are_not_verified() =>
        RefusedAsync(_another, "elsewhere.example", Trusting(_ours) with { VerifyHostname = false });

    [Fact]
    public Task Any_certificate_is_taken_where_none_is_verified() =>
        ConnectAsync(_another, "elsewhere.example", Trusting(_ours) with { VerifyCertificate = false });

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        using var certificate = _another.Issue("client");
        var security = Trusting(_ours) with
        {
            CertificatePemFile = Save("client.pem", certificate.ExportCertificatePem()),
            KeyPemFile = Save("client.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
        await ConnectAsync(_ours, "127.0.0.1", security, clients: _another);
    }

    [Fact]
    public async Task An_encrypted_key_in_the_same_file_is_opened_with_its_password()
    {
        using var certificate = _another.Issue("client");
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        var key = certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters);
        var security = Trusting(_ours) with
        {
            CertificatePemFile = Save("both.pem", certificate.ExportCertificatePem() + "\n" + key),
            KeyPassword = "secret",
        };
        await ConnectAsync(_ours, "127.0.0.1", security, clients: _another);
    }

    [Fact]
    public async Task A_file_that_holds_no_certificate_is_named()
    {
        var file = Save("empty.pem", "nothing");
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() =>
            ConnectAsync(_ours, "127.0.0.1", new ClientSecurity { Protocol = SecurityProtocol.Ssl, CaPemFile = file }));
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    private static async Task ConnectAsync(TestAuthority authority, string name, ClientSecurity security, TestAuthority? clients = null)
    {
        await using var broker = new ScriptedBroker(request => request.AnswerVersionsAsync(), authority.Serve(name, clients));
        await using var connection = await KafkaConnection.ConnectAsync(broker.Endpoint, security, "test", TestContext.Current.CancellationToken);
        Assert.True(connection.IsOpen);
    }

    private static async Task RefusedAsync(TestAuthority authority, string name, ClientSecurity security)
    {
        var failure = await Assert.ThrowsAsync<KafkaConnectionException>(() => ConnectAsync(authority, name, security));
        Assert.True(failure.IsAuthenticationFailure);
    }

    private ClientSecurity Trusting(TestAuthority authority) =>
        new() { Protocol = SecurityProtocol.Ssl, CaPemFile = Save("ca.pem", authority.Pem) };

    private string Save(string name, string pem)
    {
        var file = Path.Combine(_directory, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
