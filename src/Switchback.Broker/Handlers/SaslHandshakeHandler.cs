using Switchback.Broker.Network;
using Switchback.Broker.Security;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>SaslHandshake 0-1: chooses the mechanism. After version 0 the tokens come as bare frames. On a live connection it begins a login anew (KIP-368).</summary>
internal sealed class SaslHandshakeHandler : RequestHandler<SaslHandshakeRequest, SaslHandshakeResponse>
{
    public override bool BeforeAuthentication => true;

    protected override ValueTask<SaslHandshakeResponse?> HandleAsync(SaslHandshakeRequest request, RequestContext context)
    {
        var session = context.Session;
        var begins = session.State == AuthenticationState.Unauthenticated || (session is { State: AuthenticationState.Authenticated, Login: { } login } && login.TryBeginRenewal());
        if (!begins)
            return new(new SaslHandshakeResponse { ErrorCode = KafkaError.IllegalSaslState });
        var response = new SaslHandshakeResponse { Mechanisms = [.. session.Broker.Listener.Mechanisms] };
        session.Exchange = SaslSessions.Begin(request.Mechanism, session.Broker);
        if (session.Exchange is null)
        {
            response.ErrorCode = KafkaError.UnsupportedSaslMechanism;
            session.State = AuthenticationState.Failed;
            return new(response);
        }

        session.State = AuthenticationState.Exchanging;
        session.Mechanism = request.Mechanism;
        session.BareTokens = context.Version == 0;
        return new(response);
    }
}
