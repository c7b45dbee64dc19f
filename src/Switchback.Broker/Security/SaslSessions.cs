using Switchback.Broker.Network;

namespace Switchback.Broker.Security;

/// <summary>Begins a login, and carries its result into the session.</summary>
internal static class SaslSessions
{
    public static ISaslExchange? Begin(string mechanism, BrokerNode broker) =>
        !broker.Listener.Mechanisms.Contains(mechanism, StringComparer.Ordinal) ? null : mechanism switch
        {
            "PLAIN" => new PlainExchange(broker.Listener.Users),
            "SCRAM-SHA-256" => new ScramExchange(broker.Listener.Users, System.Security.Cryptography.HashAlgorithmName.SHA256),
            "SCRAM-SHA-512" => new ScramExchange(broker.Listener.Users, System.Security.Cryptography.HashAlgorithmName.SHA512),
            _ => null,
        };

    /// <summary>Takes one token of the login that is going on.</summary>
    /// <exception cref="InvalidDataException">It renews a login in another way than that one began.</exception>
    public static SaslResult Take(this ConnectionSession session, ReadOnlySpan<byte> token)
    {
        session.Login?.CheckMechanism(session.Mechanism);
        var result = session.Exchange!.Respond(token);
        if (result.User is { } user && session.Login?.Refusal(user) is { } refusal)
            result = SaslResult.Refused(refusal);
        if (result.Failure is not null)
            session.State = AuthenticationState.Failed;
        else if (result.User is not null)
            session.Admit(result.User);
        return result;
    }

    private static void Admit(this ConnectionSession session, string user)
    {
        session.State = AuthenticationState.Authenticated;
        session.Principal = "User:" + user;
        session.Exchange = null;
        session.Login = session.Login?.Renewed() ?? new Login(user, session.Mechanism, session.Broker.Listener.LongestLogin, session.Time);
    }
}
