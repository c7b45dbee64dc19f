using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Switchback.Broker.Configuration;

namespace Switchback.Broker.Security;

/// <summary>A listener's side of TLS: its certificate, and which client certificates it accepts.</summary>
internal sealed class TlsAuthentication
{
    /// <summary>A client that connects and says nothing must not hold a connection for ever.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);

    private readonly SslServerAuthenticationOptions _options;
    private readonly ListenerSettings _listener;

    public TlsAuthentication(ListenerSettings listener)
    {
        _listener = listener;
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(listener.Certificate!, listener.Chain, offline: true),
            ClientCertificateRequired = listener.ClientAuthentication != ClientAuthentication.None,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = Accept,
        };
    }

    public async Task AuthenticateAsync(SslStream stream, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(HandshakeTimeout);
        await stream.AuthenticateAsServerAsync(_options, deadline.Token);
    }

    /// <summary>Who a client is by its certificate; null when it showed none.</summary>
    public string? PrincipalOf(Stream stream) =>
        _listener.ClientAuthentication != ClientAuthentication.None && stream is SslStream { RemoteCertificate: { } certificate } ? "User:" + certificate.Subject : null;

    private bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return _listener.ClientAuthentication != ClientAuthentication.Required;
        if (_listener.ClientAuthentication == ClientAuthentication.None)
            return true;
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.CustomTrustStore.AddRange(_listener.TrustedAuthorities);
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
            check.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(e => e.Certificate).ToArray());
        return check.Build(new X509Certificate2(certificate));
    }
}
