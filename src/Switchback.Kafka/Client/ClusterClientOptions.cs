using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Client;

/// <summary>What a <see cref="ClusterClient"/> needs to know.</summary>
public sealed record ClusterClientOptions
{
    /// <summary>Brokers to try, in this order.</summary>
    public required IReadOnlyList<KafkaEndpoint> Bootstrap { get; init; }

    /// <summary>TLS and SASL; none by default.</summary>
    public ClientSecurity Security { get; init; } = ClientSecurity.None;

    /// <summary>The client id in every request; <c>switchback</c> by default.</summary>
    public string ClientId { get; init; } = "switchback";

    /// <summary>How long one connection attempt or one request may take; 30 s by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an operation is tried again, whatever retriable errors it meets; 60 s by default.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before another try; 100 ms by default.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);
}
