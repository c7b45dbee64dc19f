using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Kafka.Tests.Client;

/// <summary>A certificate authority of one test, and the certificates it issues.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public string Pem => _root.ExportCertificatePem();

    /// <summary>A certificate for a host name or address, with its key.</summary>
    public X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(20), Guid.NewGuid().ToByteArray());
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A server's options; with <paramref name="clients"/> it wants certificates of that authority from its clients.</summary>
    public SslServerAuthenticationOptions Serve(string name, TestAuthority? clients = null) => new()
    {
        ServerCertificate = Issue(name),
        ClientCertificateRequired = clients is not null,
        RemoteCertificateValidationCallback = clients is null ? null : (_, certificate, _, _) => clients.Issued(certificate),
    };

    public void Dispose() => _root.Dispose();

    private bool Issued(X509Certificate? certificate) => certificate?.Issuer == _root.Subject;
}
