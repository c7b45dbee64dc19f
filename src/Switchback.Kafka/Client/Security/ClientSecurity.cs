namespace Switchback.Kafka.Client.Security;

/// <summary>How a client secures its connections. <see cref="ToString"/> never shows the password.</summary>
public sealed record ClientSecurity
{
    /// <summary>Neither TLS nor SASL.</summary>
    public static ClientSecurity None { get; } = new();

    /// <summary>Encryption and authentication; PLAINTEXT by default.</summary>
    public SecurityProtocol Protocol { get; init; }

    /// <summary>The SASL mechanism, where the protocol has SASL.</summary>
    public SaslMechanism SaslMechanism { get; init; }

    /// <summary>The SASL user name.</summary>
    public string? Username { get; init; }

    /// <summary>The SASL password.</summary>
    public string? Password { get; init; }

    /// <summary>A PEM file of the authorities trusted instead of the system's.</summary>
    public string? CaPemFile { get; init; }

    /// <summary>A PEM file with the client's certificate and its intermediates.</summary>
    public string? CertificatePemFile { get; init; }

    /// <summary>A PEM file with the client's private key; the certificate's file by default.</summary>
    public string? KeyPemFile { get; init; }

    /// <summary>The key's password, if it is encrypted.</summary>
    public string? KeyPassword { get; init; }

    /// <summary>Whether the broker's certificate must lead to a trusted authority. Without it anyone can pose as the broker.</summary>
    public bool VerifyCertificate { get; init; } = true;

    /// <summary>Whether the certificate must name the host dialled.</summary>
    public bool VerifyHostname { get; init; } = true;

    /// <summary>Whether connections are encrypted.</summary>
    public bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Whether the client authenticates with SASL.</summary>
    public bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <inheritdoc/>
    public override string ToString() => UsesSasl ? $"{Protocol} {SaslMechanism.ToName()} as {Username}" : Protocol.ToString();
}
