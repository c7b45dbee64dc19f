using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>Authenticates a connection: SaslHandshake names the mechanism, SaslAuthenticate carries its tokens (KIP-152).</summary>
internal static class SaslLogin
{
    private const short Version = 1;

    /// <summary>Answers the session's lifetime in milliseconds; 0 for one without end. Throws <see cref="UpstreamException"/> when refused.</summary>
    public static async Task<long> AuthenticateAsync(string mechanism, SaslCredentials credentials, BrokerExchange exchange, CancellationToken cancellation)
    {
        await HandshakeAsync(mechanism, exchange, cancellation).ConfigureAwait(false);
        if (!SaslMechanismNames.TryParse(mechanism, out var known) || known == SaslMechanism.Plain)
        {
            var token = Encoding.UTF8.GetBytes($"\0{credentials.Username}\0{credentials.Password}");
            return (await TokenAsync(token, exchange, cancellation).ConfigureAwait(false)).SessionLifetimeMs;
        }

        try
        {
            var scram = new ScramConversation(known, credentials.Username, credentials.Password);
            var challenge = await TokenAsync(scram.First(), exchange, cancellation).ConfigureAwait(false);
            var outcome = await TokenAsync(scram.Final(challenge.AuthBytes.Span), exchange, cancellation).ConfigureAwait(false);
            scram.Verify(outcome.AuthBytes.Span);
            return outcome.SessionLifetimeMs;
        }
        catch (KafkaConnectionException wrong)
        {
            throw new UpstreamException($"authentication failed: {wrong.Message}", wrong) { RefusedCredentials = true };
        }
    }

    private static async Task HandshakeAsync(string mechanism, BrokerExchange exchange, CancellationToken cancellation)
    {
        var body = await exchange(SaslHandshakeRequest.ApiKey, Version, new SaslHandshakeRequest { Mechanism = mechanism }, cancellation).ConfigureAwait(false);
        var reader = new WireReader(body);
        var response = SaslHandshakeResponse.Read(ref reader, Version);
        if (reader.Failed)
        {
            throw new UpstreamException("answers SaslHandshake with a malformed response");
        }

        if (response.ErrorCode != KafkaError.None)
        {
            throw new UpstreamException($"refuses SASL mechanism {mechanism} ({response.ErrorCode}), offers {string.Join(", ", response.Mechanisms)}") { RefusedCredentials = true };
        }
    }

    private static async Task<SaslAuthenticateResponse> TokenAsync(byte[] token, BrokerExchange exchange, CancellationToken cancellation)
    {
        var body = await exchange(SaslAuthenticateRequest.ApiKey, Version, new SaslAuthenticateRequest { AuthBytes = token }, cancellation).ConfigureAwait(false);
        var reader = new WireReader(body);
        var response = SaslAuthenticateResponse.Read(ref reader, Version);
        if (reader.Failed)
        {
            throw new UpstreamException("answers SaslAuthenticate with a malformed response");
        }

        return response.ErrorCode == KafkaError.None
            ? response
            : throw new UpstreamException($"authentication failed: {response.ErrorMessage ?? response.ErrorCode.ToString()}") { RefusedCredentials = true };
    }
}
