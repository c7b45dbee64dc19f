using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Kafka.Client.Security;

/// <summary>The TLS settings of a client connection, from its <see cref="ClientSecurity"/>.</summary>
public static class ClientTls
{
    /// <summary>Reads the PEM files and makes the options; <paramref name="host"/> is sent as SNI and is what the certificate must name.</summary>
    /// <exception cref="KafkaConnectionException">A PEM file cannot be read.</exception>
    public static SslClientAuthenticationOptions CreateOptions(ClientSecurity security, string host)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
#pragma warning disable CA5359 // The user asked for it, by a setting named for what it does.
        if (!security.VerifyCertificate)
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (!security.VerifyHostname)
            options.RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        if (security.CaPemFile is { } authorities)
            options.CertificateChainPolicy = TrustOnly(Load(authorities));
        if (security.CertificatePemFile is { } certificate)
            options.ClientCertificateContext = LoadClientCertificate(certificate, security.KeyPemFile ?? certificate, security.KeyPassword);
        return options;
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static SslStreamCertificateContext LoadClientCertificate(string certificateFile, string keyFile, string? keyPassword)
    {
        try
        {
            var certificate = keyPassword is null
                ? X509Certificate2.CreateFromPemFile(certificateFile, keyFile)
                : X509Certificate2.CreateFromEncryptedPemFile(certificateFile, keyPassword, keyFile);
            return SslStreamCertificateContext.Create(certificate, Load(certificateFile), offline: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new KafkaConnectionException($"client certificate {certificateFile} with key {keyFile}: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new KafkaConnectionException($"certificates of {file}: {e.Message}", e);
        }

        return certificates.Count > 0 ? certificates : throw new KafkaConnectionException($"{file} holds no PEM certificate");
    }
}
