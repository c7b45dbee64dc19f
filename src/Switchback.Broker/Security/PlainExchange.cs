using System.Security.Cryptography;
using System.Text;

namespace Switchback.Broker.Security;

/// <summary>SASL PLAIN (RFC 4616): authorization id, user and secret, with a zero byte between them.</summary>
internal sealed class PlainExchange(IReadOnlyDictionary<string, string> users) : ISaslExchange
{
    private const string Refusal = "Authentication failed: Invalid username or password";

    public SaslResult Respond(ReadOnlySpan<byte> token)
    {
        var parts = Encoding.UTF8.GetString(token).Split('\0');
        if (parts.Length != 3 || parts[1].Length == 0 || parts[2].Length == 0)
            return SaslResult.Refused("Invalid SASL/PLAIN response: expected authorization id, user name and password");
        var (authorization, user, secret) = (parts[0], parts[1], parts[2]);

        // Compared in constant time, and against something for an unknown user too: the time taken must not tell who exists.
        var known = users.TryGetValue(user, out var expected);
        var equal = CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(secret)), SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? "")));
        if (!known || !equal)
            return SaslResult.Refused(Refusal);
        return authorization.Length > 0 && authorization != user
            ? SaslResult.Refused("Authentication failed: Client requested an authorization id that is different from username")
            : new SaslResult([], user);
    }
}
