using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Switchback.Broker.Security;

/// <summary>SASL SCRAM (RFC 5802): the server proves that it knows the secret as the client does, and neither sends it.</summary>
internal sealed class ScramExchange(IReadOnlyDictionary<string, string> users, HashAlgorithmName hash) : ISaslExchange
{
    private const int Iterations = 4096;
    private const string Refusal = "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM";
    private string _clientFirst = "";
    private string _serverFirst = "";
    private string _user = "";
    private string _nonce = "";
    private byte[] _salt = [];

    public SaslResult Respond(ReadOnlySpan<byte> token)
    {
        var message = Encoding.UTF8.GetString(token);
        return _nonce.Length == 0 ? First(message) : Final(message);
    }

    private static string? Attribute(string message, char name) =>
        Array.Find(message.Split(','), part => part.Length > 1 && part[0] == name && part[1] == '=')?[2..];

    private SaslResult First(string message)
    {
        // "n,," in front says that the client binds no channel; an authorization id may stand between the commas.
        var parts = message.Split(',', 3);
        if (parts.Length < 3 || parts[0] is not ("n" or "y") || Attribute(parts[2], 'n') is not { } name || Attribute(parts[2], 'r') is not { Length: > 0 } clientNonce)
            return SaslResult.Refused("Invalid SCRAM client first message");
        _user = name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        _clientFirst = parts[2];
        _nonce = clientNonce + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _salt = RandomNumberGenerator.GetBytes(16);
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(_salt)},i={Iterations}");
        return new SaslResult(Encoding.UTF8.GetBytes(_serverFirst));
    }

    private SaslResult Final(string message)
    {
        var proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);

        // Apache Kafka looks at the end of the nonce only, and librdkafka before 2.4 depends on it: it puts its own part in front twice.
        if (proofAt < 0 || Attribute(message, 'r')?.EndsWith(_nonce, StringComparison.Ordinal) != true)
            return SaslResult.Refused("Invalid SCRAM client final message");
        Span<byte> proof = stackalloc byte[64];
        if (!Convert.TryFromBase64String(message[(proofAt + 3)..], proof, out var length))
            return SaslResult.Refused("Invalid SCRAM client final message");
        var size = hash == HashAlgorithmName.SHA256 ? 32 : 64;
        var known = users.TryGetValue(_user, out var secret);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret ?? ""), _salt, Iterations, hash, size);
        var clientKey = CryptographicOperations.HmacData(hash, salted, "Client Key"u8);
        var conversation = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{message[..proofAt]}");
        var signature = CryptographicOperations.HmacData(hash, CryptographicOperations.HashData(hash, clientKey), conversation);
        var expected = clientKey.Zip(signature, (k, s) => (byte)(k ^ s)).ToArray();
        if (!known || !CryptographicOperations.FixedTimeEquals(proof[..length], expected))
            return SaslResult.Refused(Refusal);
        var serverKey = CryptographicOperations.HmacData(hash, salted, "Server Key"u8);
        var verifier = Convert.ToBase64String(CryptographicOperations.HmacData(hash, serverKey, conversation));
        return new SaslResult(Encoding.UTF8.GetBytes("v=" + verifier), _user);
    }
}
