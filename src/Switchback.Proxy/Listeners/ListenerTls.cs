using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Listeners;

/// <summary>What TLS connections of clients are accepted with: one snapshot of the files, swapped when they change.</summary>
internal sealed class ListenerTls
{
    private readonly ListenerTlsSettings _settings;
    private volatile Snapshot _snapshot;

    /// <summary>Throws <see cref="InvalidDataException"/> naming the file that is wrong.</summary>
    public ListenerTls(ListenerTlsSettings settings)
    {
        _settings = settings;
        _snapshot = Load();
    }

    public IEnumerable<string> Files
    {
        get
        {
            IEnumerable<string?> files = [_settings.AuthoritiesFile, _settings.Certificate.Certificate, _settings.Certificate.Key];
            return files.OfType<string>();
        }
    }

    /// <summary>Why a client whose certificate has been verified is not served all the same, or null.</summary>
    public string? Refuses(X509Certificate? certificate)
    {
        if (_settings.ClientSubjects.Count == 0)
        {
            return null;
        }

        using var shown = certificate is null ? null : new X509Certificate2(certificate);
        return shown is not null && _settings.ClientSubjects.Any(rule => rule.Fits(shown))
            ? null
            : $"the subject of the client's certificate, {shown?.Subject}, is not as --proxy-listener-tls-required-client-subject says";
    }

    /// <summary>Reads the files again; on failure the previous ones stay and the exception says why.</summary>
    public void Reload() => _snapshot = Load();

    public SslServerAuthenticationOptions Options()
    {
        var snapshot = _snapshot;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = snapshot.Certificate,
            ClientCertificateRequired = snapshot.Authorities is not null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CipherSuitesPolicy = !OperatingSystem.IsLinux() || _settings.CipherSuites.Count == 0 ? null : new CipherSuitesPolicy(_settings.CipherSuites),
        };
        if (snapshot.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    private Snapshot Load() => new(
        _settings.AuthoritiesFile is { } file ? PemFiles.ReadAuthorities(file) : null,
        PemFiles.ReadCertificate(_settings.Certificate));

    private sealed record Snapshot(X509Certificate2Collection? Authorities, SslStreamCertificateContext Certificate);
}
