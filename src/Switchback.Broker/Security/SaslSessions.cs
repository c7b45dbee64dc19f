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

    public static void Take(this ConnectionSession session, SaslResult result)
    {
        if (result.Failure is not null)
        {
            session.State = AuthenticationState.Failed;
        }
        else if (result.User is { } user)
        {
            session.State = AuthenticationState.Authenticated;
            session.Principal = "User:" + user;
            session.Exchange = null;
        }
    }
}
