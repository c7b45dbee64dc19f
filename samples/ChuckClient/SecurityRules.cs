namespace ChuckClient;

/// <summary>Credentials and trust: Java's SASL and TLS keys, which need more than a new name.</summary>
internal static class SecurityRules
{
    /// <summary>The system's trust store, where it is not at its usual place: OpenSSL follows this variable, but not the one inside librdkafka's package.</summary>
    private const string SystemTrust = "SSL_CERT_FILE";

    public static readonly IReadOnlySet<string> Keys = new HashSet<string>(StringComparer.Ordinal)
    {
        "sasl.mechanism", "sasl.jaas.config", "ssl.endpoint.identification.algorithm",
        "ssl.truststore.location", "ssl.truststore.type", "ssl.truststore.password", "ssl.truststore.certificates",
        "ssl.keystore.location", "ssl.keystore.type", "ssl.keystore.password", "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.key.password",
    };

    public static void Apply(GivenProperties given, Dictionary<string, string> settings, List<string> notices)
    {
        ApplySasl(given, settings);
        ApplyTrustStore(given, settings, notices);
        ApplyKeyStore(given, settings);

        if (given["ssl.endpoint.identification.algorithm"] is not { } identification)
        {
            return;
        }

        switch (identification.Value.Trim().ToLowerInvariant())
        {
            case "https":
                settings["ssl.endpoint.identification.algorithm"] = "https";
                break;
            case "":
                settings["ssl.endpoint.identification.algorithm"] = "none";
                notices.Add("ssl.endpoint.identification.algorithm is empty: the brokers' host names are not verified");
                break;
            default:
                given.Refuse(identification, $"must be https, or empty for no verification of host names, not '{identification.Value}'");
                break;
        }
    }

    private static void ApplySasl(GivenProperties given, Dictionary<string, string> settings)
    {
        var sasl = settings.GetValueOrDefault("security.protocol")?.StartsWith("sasl_", StringComparison.Ordinal) ?? false;
        var mechanism = given["sasl.mechanism"];
        var jaas = given["sasl.jaas.config"];
        if (mechanism is not null)
        {
            var name = mechanism.Value.Trim().ToUpperInvariant();
            if (name is "PLAIN" or "SCRAM-SHA-256" or "SCRAM-SHA-512")
            {
                settings["sasl.mechanisms"] = name;
            }
            else
            {
                given.Refuse(mechanism, $"must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, not '{mechanism.Value}'");
            }
        }
        else if (sasl)
        {
            given.Refuse(given["security.protocol"]!, "SASL needs sasl.mechanism (PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512)");
        }

        if (jaas is null)
        {
            if (sasl && !(settings.ContainsKey("sasl.username") && settings.ContainsKey("sasl.password")))
            {
                given.Refuse(given["security.protocol"]!, "SASL needs sasl.jaas.config");
            }

            return;
        }

        try
        {
            var credentials = JaasCredentials.Parse(jaas.Value);
            settings["sasl.username"] = credentials.Username;
            settings["sasl.password"] = credentials.Password;
            if (settings.TryGetValue("sasl.mechanisms", out var name) && !JaasCredentials.MechanismsOf(credentials.LoginModule).Contains(name))
            {
                given.Refuse(jaas, $"{credentials.LoginModule.Split('.')[^1]} does not serve sasl.mechanism={name}");
            }
        }
        catch (FormatException e)
        {
            given.Refuse(jaas, e.Message);
        }
    }

    private static void ApplyTrustStore(GivenProperties given, Dictionary<string, string> settings, List<string> notices)
    {
        var type = given["ssl.truststore.type"]?.Value.Trim().ToUpperInvariant() ?? "JKS";
        if (given["ssl.truststore.certificates"] is { } certificates)
        {
            settings["ssl.ca.pem"] = certificates.Value;
        }
        else if (given["ssl.truststore.location"] is { } location)
        {
            if (type != "PEM")
            {
                given.Refuse(
                    location,
                    $"a trust store of type {type} cannot be read here: give the CA certificates as a PEM file, and ssl.truststore.type=PEM");
            }
            else if (!File.Exists(location.Value.Trim()))
            {
                given.Refuse(location, $"there is no file {location.Value.Trim()}");
            }
            else
            {
                settings["ssl.ca.location"] = location.Value.Trim();
            }
        }

        else if (Environment.GetEnvironmentVariable(SystemTrust) is { Length: > 0 } trusted && !settings.ContainsKey("ssl.ca.location")
            && settings.GetValueOrDefault("security.protocol")?.EndsWith("ssl", StringComparison.Ordinal) == true)
        {
            settings["ssl.ca.location"] = trusted;
        }

        if (given["ssl.truststore.password"] is not null)
        {
            notices.Add("ssl.truststore.password is ignored: a PEM trust store has none");
        }
    }

    private static void ApplyKeyStore(GivenProperties given, Dictionary<string, string> settings)
    {
        var type = given["ssl.keystore.type"]?.Value.Trim().ToUpperInvariant() ?? "JKS";
        if (given["ssl.keystore.location"] is { } location)
        {
            var file = location.Value.Trim();
            switch (type)
            {
                case "PEM":
                    // One file holds the key and the chain, as in Java (KIP-651).
                    settings["ssl.certificate.location"] = settings["ssl.key.location"] = file;
                    break;
                case "PKCS12":
                    settings["ssl.keystore.location"] = file;
                    break;
                default:
                    given.Refuse(location, $"a key store of type {type} cannot be read here: PEM and PKCS12 can (ssl.keystore.type)");
                    break;
            }
        }

        Copy("ssl.keystore.certificate.chain", "ssl.certificate.pem");
        Copy("ssl.keystore.key", "ssl.key.pem");
        Copy("ssl.keystore.password", "ssl.keystore.password");
        Copy("ssl.key.password", "ssl.key.password");

        void Copy(string key, string name)
        {
            if (given[key] is { } entry)
            {
                settings[name] = entry.Value;
            }
        }
    }
}
