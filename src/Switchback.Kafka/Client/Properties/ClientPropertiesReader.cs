using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Client.Properties;

/// <summary>Turns settings into <see cref="ClientProperties"/> and collects every error on the way.</summary>
internal sealed class ClientPropertiesReader
{
    // Settings of Java's TLS engine that change nothing here: TLS 1.2 and 1.3 are what the platform speaks.
    private static readonly string[] Ignored =
        ["ssl.protocol", "ssl.enabled.protocols", "ssl.truststore.password", "sasl.login.connect.timeout.ms", "sasl.login.read.timeout.ms"];

    private readonly Dictionary<string, PropertyLine> _settings = [];
    private readonly string _source;
    private readonly string _directory;

    public ClientPropertiesReader(IEnumerable<PropertyLine> settings, string source, string directory)
    {
        _source = source;
        _directory = directory;
        foreach (var setting in settings)
            _settings[setting.Key] = setting;
    }

    public List<string> Errors { get; } = [];

    public ClientProperties Read()
    {
        var bootstrap = ReadBootstrap();
        var security = ReadTls(ReadSasl(new ClientSecurity { Protocol = ReadProtocol() }));
        var clientId = Take("client.id")?.Value;
        foreach (var ignored in Ignored)
            Take(ignored);
        foreach (var left in _settings.Values.Where(s => IsSecurity(s.Key)).OrderBy(s => s.Line))
            Fail(left, "is not supported here");
        return new ClientProperties
        {
            Bootstrap = bootstrap,
            Security = security,
            ClientId = clientId,
            Others = _settings.ToDictionary(s => s.Key, s => s.Value.Value),
        };
    }

    private IReadOnlyList<KafkaEndpoint> ReadBootstrap()
    {
        var setting = Take("bootstrap.servers", "metadata.broker.list");
        if (setting is not { } servers)
        {
            Errors.Add($"{_source}: bootstrap.servers is missing; expected host:port[,host:port..]");
            return [];
        }

        try
        {
            return KafkaEndpoint.ParseList(servers.Value);
        }
        catch (FormatException e)
        {
            Fail(servers, e.Message);
            return [];
        }
    }

    private SecurityProtocol ReadProtocol()
    {
        if (Take("security.protocol") is not { } setting)
            return SecurityProtocol.Plaintext;
        switch (setting.Value.ToUpperInvariant())
        {
            case "PLAINTEXT":
                return SecurityProtocol.Plaintext;
            case "SSL":
                return SecurityProtocol.Ssl;
            case "SASL_PLAINTEXT":
                return SecurityProtocol.SaslPlaintext;
            case "SASL_SSL":
                return SecurityProtocol.SaslSsl;
            default:
                Fail(setting, $"is {setting.Value}; expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
                return SecurityProtocol.Plaintext;
        }
    }

    private ClientSecurity ReadSasl(ClientSecurity security)
    {
        var mechanism = Take("sasl.mechanism", "sasl.mechanisms");
        var jaas = Take("sasl.jaas.config");
        var username = Take("sasl.username")?.Value;
        var password = Take("sasl.password")?.Value;
        if (mechanism is { } named)
        {
            if (SaslMechanismNames.TryParse(named.Value, out var known))
                security = security with { SaslMechanism = known };
            else
                Fail(named, $"is {named.Value}; expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
        }
        else if (security.UsesSasl)
        {
            Errors.Add($"{_source}: sasl.mechanism is missing; expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
        }

        if (jaas is { } text)
            (username, password) = ReadJaas(text, security, mechanism is not null);
        else if (security.UsesSasl && (username is null || password is null))
            Errors.Add($"{_source}: the SASL credentials are missing; expected sasl.jaas.config, or sasl.username and sasl.password");
        return security with { Username = username, Password = password };
    }

    private (string? Username, string? Password) ReadJaas(PropertyLine setting, ClientSecurity security, bool hasMechanism)
    {
        if (!JaasConfig.TryParse(setting.Value, out var jaas, out var error))
        {
            Fail(setting, error);
            return default;
        }

        var expected = security.SaslMechanism == SaslMechanism.Plain ? "PlainLoginModule" : "ScramLoginModule";
        if (hasMechanism && !jaas!.Module.EndsWith("." + expected, StringComparison.Ordinal))
            Fail(setting, $"names {jaas.Module}, which does not go with {security.SaslMechanism.ToName()}; expected a {expected}");
        foreach (var option in new[] { "username", "password" })
        {
            if (!jaas!.Options.ContainsKey(option))
                Fail(setting, $"has no {option}=\"..\"");
        }

        return (jaas!.Options.GetValueOrDefault("username"), jaas.Options.GetValueOrDefault("password"));
    }

    private ClientSecurity ReadTls(ClientSecurity security)
    {
        CheckPem("ssl.truststore.type", "truststore", "ssl.truststore.location");
        CheckPem("ssl.keystore.type", "keystore", "ssl.keystore.location");
        var keystore = ReadPath("ssl.keystore.location");
        var identification = Take("ssl.endpoint.identification.algorithm");
        if (identification is { Value: not ("" or "https" or "HTTPS" or "none") } algorithm)
            Fail(algorithm, $"is {algorithm.Value}; expected https, or nothing to leave the host name unverified");
        return security with
        {
            CaPemFile = ReadPath("ssl.truststore.location") ?? ReadPath("ssl.ca.location"),
            CertificatePemFile = keystore ?? ReadPath("ssl.certificate.location"),
            KeyPemFile = keystore ?? ReadPath("ssl.key.location"),
            KeyPassword = Take("ssl.key.password")?.Value ?? Take("ssl.keystore.password")?.Value,
            VerifyHostname = identification is not { Value: "" or "none" },
            VerifyCertificate = ReadBoolean("enable.ssl.certificate.verification", true),
        };
    }

    private static bool IsSecurity(string key) =>
        key.StartsWith("ssl.", StringComparison.Ordinal) || key.StartsWith("sasl.", StringComparison.Ordinal);

    private void CheckPem(string typeKey, string name, string locationKey)
    {
        var location = _settings.GetValueOrDefault(locationKey).Value;
        if (Take(typeKey) is { } type && !type.Value.Equals("PEM", StringComparison.OrdinalIgnoreCase))
            Fail(type, $"is {type.Value}; only PEM is supported: export the {name} to a PEM file");
        else if (location is not null && Path.GetExtension(location) is ".jks" or ".p12" or ".pfx")
            Fail(_settings[locationKey], $"is {location}; only PEM is supported: export the {name} to a PEM file");
    }

    private string? ReadPath(string key)
    {
        if (Take(key) is not { Value.Length: > 0 } setting)
            return null;
        var path = Path.GetFullPath(setting.Value, _directory);
        if (!File.Exists(path))
            Fail(setting, $"names {path}, which is not there");
        return path;
    }

    private bool ReadBoolean(string key, bool otherwise)
    {
        if (Take(key) is not { } setting)
            return otherwise;
        if (bool.TryParse(setting.Value, out var value))
            return value;
        Fail(setting, $"is {setting.Value}; expected true or false");
        return otherwise;
    }

    private PropertyLine? Take(params ReadOnlySpan<string> keys)
    {
        PropertyLine? found = null;
        foreach (var key in keys)
        {
            if (_settings.Remove(key, out var setting))
                found ??= setting;
        }

        return found;
    }

    private void Fail(PropertyLine setting, string what) => Errors.Add($"{_source}:{setting.Line}: {setting.Key} {what}");
}
