namespace Switchback.Broker.Security;

/// <summary>What a mechanism answers to a token: the exchange goes on, is over, or failed.</summary>
/// <param name="Token">The token to send back.</param>
/// <param name="User">The user who logged in; null while the exchange goes on.</param>
/// <param name="Failure">Why it failed, in words that give nothing away; null when it did not.</param>
internal readonly record struct SaslResult(byte[] Token, string? User = null, string? Failure = null)
{
    public static SaslResult Refused(string reason) => new([], Failure: reason);
}

/// <summary>The server's side of one SASL login.</summary>
internal interface ISaslExchange
{
    SaslResult Respond(ReadOnlySpan<byte> token);
}
