using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.LocalKubernetes.Authentication;

/// <summary>
/// The platform's keys, kept in its directory so that a kubeconfig stays good over restarts: a certificate authority, the administrator's token, the
/// key that signs service accounts' tokens. Readable by their owner only.
/// </summary>
internal sealed class Identity : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly X509Certificate2 authority;

    private Identity(X509Certificate2 authority, string adminToken, ECDsa tokenKey)
    {
        this.authority = authority;
        AdminToken = adminToken;
        TokenKey = tokenKey;
    }

    public string AdminToken { get; }

    public ECDsa TokenKey { get; }

    public string AuthorityPem => authority.ExportCertificatePem() + "\n";

    /// <summary>Reads the keys of a directory; makes those that are missing.</summary>
    /// <exception cref="IOException">They cannot be read or written.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should.</exception>
    public static Identity Load(string directory)
    {
        var authorityKey = LoadKey(Path.Combine(directory, "ca.key"));
        var certificateFile = Path.Combine(directory, "ca.crt");
        if (!File.Exists(certificateFile))
        {
            using var made = MakeAuthority(authorityKey);
            WriteOnce(certificateFile, made.ExportCertificatePem() + "\n");
        }

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(certificateFile);
        var tokenFile = Path.Combine(directory, "admin.token");
        if (!File.Exists(tokenFile))
        {
            WriteOnce(tokenFile, RandomNumberGenerator.GetHexString(48, lowercase: true));
        }

        return new Identity(certificate.CopyWithPrivateKey(authorityKey), File.ReadAllText(tokenFile).Trim(), LoadKey(Path.Combine(directory, "service-account.key")));
    }

    /// <summary>A certificate for the API server, good for its addresses and for the names by which pods know it.</summary>
    public X509Certificate2 MakeServingCertificate(IEnumerable<IPAddress> addresses)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var address in addresses.Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Distinct())
        {
            names.AddIpAddress(address);
        }

        foreach (var name in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var now = DateTimeOffset.UtcNow;
        var until = now.AddYears(1) < authority.NotAfter ? now.AddYears(1) : new DateTimeOffset(authority.NotAfter);
        using var certificate = request.Create(authority, now.AddMinutes(-5), until, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        authority.Dispose();
        TokenKey.Dispose();
    }

    private static X509Certificate2 MakeAuthority(ECDsa key)
    {
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddMinutes(-10), now.AddYears(10));
    }

    private static ECDsa LoadKey(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(path))
        {
            key.ImportFromPem(File.ReadAllText(path));
        }
        else
        {
            WriteOnce(path, key.ExportPkcs8PrivateKeyPem() + "\n");
        }

        return key;
    }

    /// <summary>Whole or not at all: a platform killed in the middle must not leave half a key.</summary>
    private static void WriteOnce(string path, string text)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
