using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Broker.Configuration;

/// <summary>Reads a listener's certificates and users. A key of the listener itself goes before the general one. Nothing secret reaches a complaint.</summary>
internal sealed class ListenerSecurityReader(string listener, IReadOnlyDictionary<string, string> values, Action<string, string> complain)
{
    private readonly string _prefix = $"listener.name.{listener.ToLowerInvariant()}.";

    public ListenerSettings AddTo(ListenerSettings settings)
    {
        if (settings.UsesTls)
        {
            var (certificate, chain) = ReadCertificate();
            var client = Value("ssl.client.auth") switch
            {
                "required" => ClientAuthentication.Required,
                "requested" => ClientAuthentication.Requested,
                _ => ClientAuthentication.None,
            };
            settings = settings with { Certificate = certificate, Chain = chain, TrustedAuthorities = ReadTrusted(client), ClientAuthentication = client };
        }

        if (!settings.UsesSasl)
            return settings;
        string[] mechanisms = (Value("sasl.enabled.mechanisms") ?? "PLAIN").Split(',', StringSplitOptions.TrimEntries);
        return settings with { Mechanisms = mechanisms, Users = ReadUsers(mechanisms), LongestLogin = ReadLongestLogin() };
    }

    private string? Value(string key) => values.GetValueOrDefault(_prefix + key) ?? values.GetValueOrDefault(key);

    private string KeyOf(string key) => values.ContainsKey(_prefix + key) ? _prefix + key : key;

    private (X509Certificate2? Certificate, X509Certificate2Collection Chain) ReadCertificate()
    {
        var location = Value("ssl.keystore.location");
        var key = KeyOf(location is null ? "ssl.keystore.certificate.chain" : "ssl.keystore.location");
        try
        {
            if (location is not null && Value("ssl.keystore.type") == "PKCS12")
            {
                var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(location, Value("ssl.keystore.password"));
                var own = all.First(c => c.HasPrivateKey);
                return (own, [.. all.Where(c => c != own)]);
            }

            var pem = location is null ? Value("ssl.keystore.certificate.chain") : File.ReadAllText(location);
            if (pem is null)
            {
                complain(key, $"listener {listener} speaks TLS and needs ssl.keystore.location, or ssl.keystore.certificate.chain and ssl.keystore.key");
                return (null, []);
            }

            var keyPem = location is null ? Value("ssl.keystore.key") : pem;
            var password = Value("ssl.key.password");
            using var loaded = password is null
                ? X509Certificate2.CreateFromPem(pem, keyPem)
                : X509Certificate2.CreateFromEncryptedPem(pem, keyPem, password);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            return (X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null), [.. chain.Skip(1)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or InvalidOperationException or ArgumentException)
        {
            complain(key, "must be a certificate with its private key, in the form ssl.keystore.type says: " + failure.Message);
            return (null, []);
        }
    }

    private X509Certificate2Collection ReadTrusted(ClientAuthentication client)
    {
        var trusted = new X509Certificate2Collection();
        var location = Value("ssl.truststore.location");
        var key = KeyOf(location is null ? "ssl.truststore.certificates" : "ssl.truststore.location");
        try
        {
            if ((location is null ? Value("ssl.truststore.certificates") : File.ReadAllText(location)) is { } pem)
                trusted.ImportFromPem(pem);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            complain(key, "must be certificates in PEM: " + failure.Message);
            return trusted;
        }

        if (client == ClientAuthentication.Required && trusted.Count == 0)
            complain(key, "is needed with ssl.client.auth=required, to know whose certificates to accept");
        return trusted;
    }

    private TimeSpan? ReadLongestLogin() =>
        Value("connections.max.reauth.ms") is { } text && long.Parse(text, CultureInfo.InvariantCulture) is var milliseconds and > 0 ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private Dictionary<string, string> ReadUsers(string[] mechanisms)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var mechanism in mechanisms)
        {
            var key = mechanism.ToLowerInvariant() + ".sasl.jaas.config";
            if (Value(key) is { } jaas && !JaasConfig.TryReadUsers(jaas, users, out var complaint))
                complain(KeyOf(key), complaint);
        }

        if (users.Count == 0)
            complain($"{_prefix}plain.sasl.jaas.config", "needs at least one user_NAME=\"SECRET\": without it nobody can log in");
        return users;
    }
}
