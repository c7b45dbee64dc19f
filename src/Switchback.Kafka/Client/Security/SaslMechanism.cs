namespace Switchback.Kafka.Client.Security;

/// <summary>How a client proves who it is: Kafka's <c>sasl.mechanism</c>.</summary>
public enum SaslMechanism
{
    /// <summary>PLAIN (RFC 4616).</summary>
    Plain,

    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    ScramSha256,

    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512,
}

/// <summary>The names of mechanisms on the wire and in configuration.</summary>
public static class SaslMechanismNames
{
    /// <summary>The registered name, such as <c>SCRAM-SHA-256</c>.</summary>
    public static string ToName(this SaslMechanism mechanism) => mechanism switch
    {
        SaslMechanism.ScramSha256 => "SCRAM-SHA-256",
        SaslMechanism.ScramSha512 => "SCRAM-SHA-512",
        _ => "PLAIN",
    };

    /// <summary>The mechanism of a name, whatever its case.</summary>
    public static bool TryParse(string name, out SaslMechanism mechanism)
    {
        foreach (var candidate in Enum.GetValues<SaslMechanism>())
        {
            if (string.Equals(candidate.ToName(), name, StringComparison.OrdinalIgnoreCase))
            {
                mechanism = candidate;
                return true;
            }
        }

        mechanism = default;
        return false;
    }
}
