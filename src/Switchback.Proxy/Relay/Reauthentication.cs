using Switchback.Kafka;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Relay;

/// <summary>
/// Authenticates a connection again between two of the client's requests, before its session ends (KIP-368). A connection that rests need not: the broker
/// looks at the session's age only when a request comes, and takes a handshake even then.
/// </summary>
internal sealed class Reauthentication(RelayContext context, Credentials credentials)
{
    // Any id does: requests in flight are told apart by who waits, and clients count upwards from zero.
    private int _correlationId = int.MinValue;

    public bool IsDue => Environment.TickCount64 >= context.Upstream.AuthenticateAgainAt;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            var lifetime = await SaslLogin.AuthenticateAsync(credentials.Mechanism, credentials.Current, ExchangeAsync, cancellation).ConfigureAwait(false);
            context.Upstream.AuthenticateAgainAt = SessionLifetime.AuthenticateAgainAt(lifetime);
            context.Log.Reauthenticated(context.Client, context.Upstream.Broker);
        }
        catch (UpstreamException refused)
        {
            throw new RelayException($"authenticating again: the broker {refused.Message}", refused);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ExchangeAsync(short apiKey, short version, IKafkaMessage request, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var correlationId = _correlationId++;
        while (!context.InFlight.TryAdd(new InFlightRequest(correlationId, apiKey, version, ResponseHandling.Own, null, waiter)))
        {
            await context.InFlight.WaitForSpaceAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }

        using (var writer = new WireWriter())
        {
            KafkaFrame.WriteRequest(writer, apiKey, version, correlationId, context.Settings.ClientId, request);
            await context.Upstream.Stream.WriteAsync(writer.Written, cancellation).ConfigureAwait(false);
        }

        var frame = await waiter.Task.WaitAsync(cancellation).ConfigureAwait(false);
        var headerLength = ApiTable.Get(apiKey).ResponseHeaderVersion(version) == 0 ? 4 : 5;
        return frame.Length >= headerLength ? frame[headerLength..] : throw new UpstreamException("answers with a truncated frame");
    }
}
