namespace Switchback.Kafka.Client.Security;

/// <summary>Whether a connection is encrypted and whether the client authenticates with SASL: Kafka's <c>security.protocol</c>.</summary>
public enum SecurityProtocol
{
    /// <summary>PLAINTEXT.</summary>
    Plaintext,

    /// <summary>SSL: TLS, with a client certificate where one is configured.</summary>
    Ssl,

    /// <summary>SASL_PLAINTEXT.</summary>
    SaslPlaintext,

    /// <summary>SASL_SSL.</summary>
    SaslSsl,
}
