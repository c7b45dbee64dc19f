using System.Security.Cryptography.X509Certificates;

namespace Switchback.Broker.Configuration;

/// <summary>What is spoken on a listener before the Kafka protocol.</summary>
internal enum SecurityProtocol
{
    Plaintext = 0,
    Ssl = 1,
    SaslPlaintext = 2,
    SaslSsl = 3,
}

/// <summary>Whether a client has to show a certificate.</summary>
internal enum ClientAuthentication
{
    None,
    Requested,
    Required,
}

/// <summary>One listener, which is one broker of the cluster.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Host">The address it binds to.</param>
/// <param name="Port">The port; 0 for any that is free.</param>
/// <param name="AdvertisedHost">The host clients are told; null for the one bound to.</param>
/// <param name="AdvertisedPort">The port clients are told; 0 for the one bound to.</param>
/// <param name="Protocol">What is spoken on it.</param>
internal sealed record ListenerSettings(string Name, string Host, int Port, string? AdvertisedHost, int AdvertisedPort, SecurityProtocol Protocol)
{
    public bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    public bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <summary>The certificate shown to clients, with its key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The certificates sent along between that one and its authority's.</summary>
    public X509Certificate2Collection Chain { get; init; } = [];

    /// <summary>The authorities that client certificates must come from.</summary>
    public X509Certificate2Collection TrustedAuthorities { get; init; } = [];

    public ClientAuthentication ClientAuthentication { get; init; }

    public IReadOnlyList<string> Mechanisms { get; init; } = [];

    /// <summary>User names and their secrets. Never logged.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a login lasts until it must be renewed (KIP-368); null for as long as the connection.</summary>
    public TimeSpan? LongestLogin { get; init; }

    /// <summary>Name and address only: a secret must not reach a log by way of a record's text.</summary>
    public override string ToString() => $"{Name}://{Host}:{Port}";
}
