using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Client;

/// <content>TCP, TLS, ApiVersions, SASL, in this order.</content>
public sealed partial class KafkaConnection
{
    private const string SoftwareName = "switchback";

    private static readonly string SoftwareVersion = typeof(KafkaConnection).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Connects, encrypts, asks for the broker's versions and authenticates.</summary>
    /// <param name="endpoint">Where the broker listens.</param>
    /// <param name="security">TLS and SASL.</param>
    /// <param name="clientId">The client id in every request header.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaConnectionException">Any step failed.</exception>
    public static async Task<KafkaConnection> ConnectAsync(
        KafkaEndpoint endpoint, ClientSecurity security, string? clientId, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        KafkaConnection? connection = null;
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (security.UsesTls)
                stream = await EncryptAsync(stream, security, endpoint.Host, cancellation).ConfigureAwait(false);
            connection = new KafkaConnection(endpoint, socket, stream, clientId);
            connection._reading = connection.ReadResponsesAsync();
            await connection.NegotiateAsync(cancellation).ConfigureAwait(false);
            if (security.UsesSasl)
                await connection.AuthenticateAsync(security, cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            stream?.Dispose();
            socket.Dispose();
            if (e is OperationCanceledException)
                throw;
            throw new KafkaConnectionException($"cannot connect to {endpoint}: {e.Message}", e)
            {
                IsAuthenticationFailure = e is KafkaConnectionException { IsAuthenticationFailure: true } or AuthenticationException,
            };
        }
    }

    private static async Task<SslStream> EncryptAsync(Stream inner, ClientSecurity security, string host, CancellationToken cancellation)
    {
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(ClientTls.CreateOptions(security, host), cancellation).ConfigureAwait(false);
        return stream;
    }

    private async Task NegotiateAsync(CancellationToken cancellation)
    {
        var response = await AskVersionsAsync(ApiVersionsRequest.HighestVersion, cancellation).ConfigureAwait(false);
        if (response.ErrorCode == KafkaError.UnsupportedVersion)
        {
            // An older broker answers at version 0 and names the versions it has (KIP-511).
            var theirs = response.ApiKeys.Find(api => api.ApiKey == ApiVersionsRequest.ApiKey)?.MaxVersion ?? 0;
            response = await AskVersionsAsync(Math.Min(theirs, ApiVersionsRequest.HighestVersion), cancellation).ConfigureAwait(false);
        }

        if (response.ErrorCode != KafkaError.None)
            throw new KafkaConnectionException($"broker {Endpoint} refused ApiVersions: {response.ErrorCode}");
        _brokerVersions = response.ApiKeys.DistinctBy(api => api.ApiKey).ToDictionary(api => api.ApiKey, api => (api.MinVersion, api.MaxVersion));
    }

    private async Task<ApiVersionsResponse> AskVersionsAsync(short version, CancellationToken cancellation)
    {
        var request = new ApiVersionsRequest { ClientSoftwareName = SoftwareName, ClientSoftwareVersion = SoftwareVersion };
        var body = await SendRawAsync(ApiVersionsRequest.ApiKey, request, version, cancellation).ConfigureAwait(false);
        var refused = new WireReader(body).ReadError() == KafkaError.UnsupportedVersion;
        return Decode<ApiVersionsRequest, ApiVersionsResponse>(body, refused ? (short)0 : version);
    }

    private async Task AuthenticateAsync(ClientSecurity security, CancellationToken cancellation)
    {
        var handshake = await SendAsync(new SaslHandshakeRequest { Mechanism = security.SaslMechanism.ToName() }, 1, cancellation).ConfigureAwait(false);
        if (handshake.ErrorCode != KafkaError.None)
        {
            throw new KafkaConnectionException(
                $"broker {Endpoint} refused mechanism {security.SaslMechanism.ToName()} ({handshake.ErrorCode}); it has {string.Join(", ", handshake.Mechanisms)}")
            { IsAuthenticationFailure = true };
        }

        var username = security.Username ?? "";
        var password = security.Password ?? "";
        if (security.SaslMechanism == SaslMechanism.Plain)
        {
            await ExchangeAsync(System.Text.Encoding.UTF8.GetBytes($"\0{username}\0{password}"), cancellation).ConfigureAwait(false);
            return;
        }

        var scram = new ScramConversation(security.SaslMechanism, username, password);
        var challenge = await ExchangeAsync(scram.First(), cancellation).ConfigureAwait(false);
        var outcome = await ExchangeAsync(scram.Final(challenge.Span), cancellation).ConfigureAwait(false);
        scram.Verify(outcome.Span);
    }

    private async Task<ReadOnlyMemory<byte>> ExchangeAsync(byte[] token, CancellationToken cancellation)
    {
        var response = await SendAsync(new SaslAuthenticateRequest { AuthBytes = token }, cancellation).ConfigureAwait(false);
        if (response.ErrorCode != KafkaError.None)
        {
            throw new KafkaConnectionException($"broker {Endpoint} refused the credentials: {response.ErrorMessage ?? response.ErrorCode.ToString()}")
            { IsAuthenticationFailure = response.ErrorCode == KafkaError.SaslAuthenticationFailed };
        }

        if (response.SessionLifetimeMs > 0)
            SessionExpiry = DateTimeOffset.UtcNow.AddMilliseconds(response.SessionLifetimeMs);
        return response.AuthBytes;
    }
}
