namespace Switchback.Clients.Tests.Targets;

/// <summary>Where a client is pointed: an address, and what it needs to be let in.</summary>
/// <param name="Name">How messages name it.</param>
/// <param name="Bootstrap">The bootstrap servers.</param>
/// <param name="Login">User, password and authority for SASL_SSL; null where clients come in plaintext and unknown.</param>
internal sealed record ClientTarget(string Name, string Bootstrap, Login? Login)
{
    /// <summary>Client properties in Java's spelling, without the bootstrap servers.</summary>
    public string JavaProperties(string mechanism) => Login is null ? "" : $"""
        security.protocol=SASL_SSL
        sasl.mechanism={mechanism}
        sasl.jaas.config=org.apache.kafka.common.security.{(mechanism == "PLAIN" ? "plain.Plain" : "scram.Scram")}LoginModule required username="{Login.User}" password="{Login.Password}";
        ssl.truststore.type=PEM
        ssl.truststore.location={Login.CaFile}

        """;
}

/// <summary>Who a client is, and the authority that signed the brokers' certificates.</summary>
internal sealed record Login(string User, string Password, string CaFile);
