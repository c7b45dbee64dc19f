using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>What TLS connections to brokers are made with: one snapshot of the files, swapped when they change.</summary>
internal sealed class BrokerTls
{
    private readonly BrokerTlsSettings _settings;
    private volatile Snapshot _snapshot;

    /// <summary>Throws <see cref="InvalidDataException"/> naming the file that is wrong.</summary>
    public BrokerTls(BrokerTlsSettings settings)
    {
        _settings = settings;
        _snapshot = Load();
    }

    public X509Certificate2? ClientCertificate => _snapshot.Certificate?.TargetCertificate;

    public IEnumerable<string> Files
    {
        get
        {
            IEnumerable<string?> files = [_settings.AuthoritiesFile, _settings.Certificate?.Certificate, _settings.Certificate?.Key];
            return files.OfType<string>();
        }
    }

    /// <summary>Reads the files again; on failure the previous ones stay and the exception says why.</summary>
    public void Reload() => _snapshot = Load();

    /// <summary>The host is sent as SNI and is what the certificate must name.</summary>
    public SslClientAuthenticationOptions OptionsFor(string host)
    {
        var snapshot = _snapshot;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = snapshot.Certificate,
        };
        if (!_settings.Verify)
        {
#pragma warning disable CA5359 // The user asked for it by --tls-insecure-skip-verify, and is told at every start.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            // Nothing is downloaded for a chain: that would hold up every connection of the thread.
            options.CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            if (snapshot.Authorities is { } authorities)
            {
                options.CertificateChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            }
        }

        return options;
    }

    private Snapshot Load()
    {
        var authorities = _settings.AuthoritiesFile is { } file ? PemFiles.ReadAuthorities(file) : null;
        if (authorities is not null && _settings.SystemAuthoritiesToo)
        {
            using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
            authorities.AddRange(system.Certificates);
        }

        return new Snapshot(authorities, _settings.Certificate is { } certificate ? PemFiles.ReadCertificate(certificate) : null);
    }

    private sealed record Snapshot(X509Certificate2Collection? Authorities, SslStreamCertificateContext? Certificate);
}
