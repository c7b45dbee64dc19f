using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Switchback.Kafka.Client.Security;

/// <summary>The client's side of SCRAM (RFC 5802, RFC 7677) without channel binding: <see cref="First"/>, <see cref="Final"/>, <see cref="Verify"/>.</summary>
public sealed class ScramConversation
{
    // Guards the client against a server that asks for years of hashing.
    private const int MaximumIterations = 1_000_000;

    private readonly HashAlgorithmName _hash;
    private readonly string _password;
    private readonly string _nonce;
    private readonly string _firstBare;
    private byte[]? _serverSignature;

    /// <summary>Begins a conversation; a <paramref name="nonce"/> is given only to reproduce a known one.</summary>
    public ScramConversation(SaslMechanism mechanism, string username, string password, string? nonce = null)
    {
        _hash = mechanism == SaslMechanism.ScramSha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        _password = password;
        _nonce = nonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
        var escaped = username.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
        _firstBare = $"n={escaped},r={_nonce}";
    }

    /// <summary>The client's first message.</summary>
    public byte[] First() => Encoding.UTF8.GetBytes("n,," + _firstBare);

    /// <summary>The client's final message, which proves the password, in answer to the server's first.</summary>
    /// <exception cref="KafkaConnectionException">The server's message is malformed or asks for too much work.</exception>
    public byte[] Final(ReadOnlySpan<byte> serverFirst)
    {
        var text = Encoding.UTF8.GetString(serverFirst);
        var attributes = Parse(text);
        if (!attributes.TryGetValue('r', out var nonce) || !nonce.StartsWith(_nonce, StringComparison.Ordinal) || nonce.Length == _nonce.Length
            || !attributes.TryGetValue('s', out var salt)
            || !int.TryParse(attributes.GetValueOrDefault('i'), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaximumIterations)
            throw new KafkaConnectionException("the broker's SCRAM challenge is malformed");

        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(_password), FromBase64(salt), iterations, _hash, HashLength);
        var clientKey = CryptographicOperations.HmacData(_hash, salted, "Client Key"u8.ToArray());
        var withoutProof = "c=biws,r=" + nonce;
        var authenticated = Encoding.UTF8.GetBytes($"{_firstBare},{text},{withoutProof}");
        var signature = CryptographicOperations.HmacData(_hash, CryptographicOperations.HashData(_hash, clientKey), authenticated);
        for (var i = 0; i < signature.Length; i++)
            signature[i] ^= clientKey[i];
        var serverKey = CryptographicOperations.HmacData(_hash, salted, "Server Key"u8.ToArray());
        _serverSignature = CryptographicOperations.HmacData(_hash, serverKey, authenticated);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(signature)}");
    }

    /// <summary>Proves that the broker knows the password too.</summary>
    /// <exception cref="KafkaConnectionException">It does not.</exception>
    public void Verify(ReadOnlySpan<byte> serverFinal)
    {
        var attributes = Parse(Encoding.UTF8.GetString(serverFinal));
        if (attributes.TryGetValue('e', out var error))
            throw new KafkaConnectionException("the broker refused the SCRAM proof: " + error);
        if (_serverSignature is null || !attributes.TryGetValue('v', out var signature)
            || !CryptographicOperations.FixedTimeEquals(FromBase64(signature), _serverSignature))
            throw new KafkaConnectionException("the broker's SCRAM signature is wrong: it does not know the password");
    }

    private int HashLength => _hash == HashAlgorithmName.SHA512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;

    private static byte[] FromBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException e)
        {
            throw new KafkaConnectionException("the broker's SCRAM message is not base64", e);
        }
    }

    private static Dictionary<char, string> Parse(string message)
    {
        var attributes = new Dictionary<char, string>();
        foreach (var part in message.Split(','))
        {
            if (part.Length >= 2 && part[1] == '=')
                attributes[part[0]] = part[2..];
        }

        return attributes;
    }
}
