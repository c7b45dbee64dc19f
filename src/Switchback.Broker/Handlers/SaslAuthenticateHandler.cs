using Switchback.Broker.Network;
using Switchback.Broker.Security;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>
/// SaslAuthenticate 0-2: one token of the login. Wrong credentials get error 58, late, and the connection is closed. The last answer says how long the login lasts (KIP-368).
/// </summary>
internal sealed class SaslAuthenticateHandler : RequestHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>
{
    public override bool BeforeAuthentication => true;

    protected override ValueTask<SaslAuthenticateResponse?> HandleAsync(SaslAuthenticateRequest request, RequestContext context)
    {
        var session = context.Session;
        if (session.State == AuthenticationState.Unauthenticated)
            throw new InvalidDataException("a token was sent before a mechanism was chosen");
        if (session.State != AuthenticationState.Exchanging || session.Exchange is null)
        {
            var refused = new SaslAuthenticateResponse
            {
                ErrorCode = KafkaError.IllegalSaslState,
                ErrorMessage = "SaslAuthenticate request received after successful authentication",
            };
            return new(refused);
        }

        var result = session.Take(request.AuthBytes.Span);
        return new(result.Failure is { } failure
            ? new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = failure }
            : new SaslAuthenticateResponse { AuthBytes = result.Token, SessionLifetimeMs = result.User is null ? 0 : session.Login!.LifetimeMs });
    }
}
