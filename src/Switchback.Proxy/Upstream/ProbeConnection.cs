using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>A connection on which the probe asks something again and again: Metadata where the proxy authenticates, else ApiVersions, which every broker answers everybody.</summary>
internal sealed class ProbeConnection(UpstreamConnection connection, ProxySettings settings) : IDisposable
{
    private const short MetadataVersion = 1;

    private readonly StreamExchange _exchange = new(connection.Stream, settings.Relay.ClientId);
    private Task<byte[]>? _answer;

    public HostPort Broker => connection.Broker;

    /// <summary>See <see cref="UpstreamConnection.AuthenticateAgainAt"/>.</summary>
    public long AuthenticateAgainAt => connection.AuthenticateAgainAt;

    /// <summary>The brokers of the last answer; none where Metadata is not asked.</summary>
    public IReadOnlyList<MetadataResponse.MetadataResponseBroker> Brokers { get; private set; } = [];

    /// <summary>Asks and waits for the answer; throws <see cref="UpstreamException"/> when there is none in time, or a wrong one.</summary>
    public async Task AskAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            var (apiKey, version, request) = settings.Sasl is not null
                ? (MetadataRequest.ApiKey, MetadataVersion, (IKafkaMessage)new MetadataRequest { Topics = [] })
                : (ApiVersionsRequest.ApiKey, (short)0, new ApiVersionsRequest());
            await _exchange.SendAsync(apiKey, version, request, cancellation).WaitAsync(timeout, cancellation).ConfigureAwait(false);
            var answer = _answer ?? StreamExchange.ReceiveAsync(connection.Stream, CancellationToken.None);
            var body = _exchange.WithoutHeader(apiKey, version, await answer.WaitAsync(timeout, cancellation).ConfigureAwait(false));
            Brokers = apiKey == MetadataRequest.ApiKey ? Read(body) : [];

            // The read of the next answer is under way before the question, so that the end of the connection is seen when it happens. What ends the read is Dispose.
            _answer = StreamExchange.ReceiveAsync(connection.Stream, CancellationToken.None);
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException)
        {
            throw new UpstreamException($"the connection was lost: {lost.Message}", lost);
        }
        catch (TimeoutException)
        {
            throw new UpstreamException($"has not answered for {timeout.TotalSeconds:0.###} s");
        }
    }

    /// <summary>Waits between two questions; throws <see cref="UpstreamException"/> when the connection is lost meanwhile.</summary>
    public async Task RestAsync(TimeSpan length, CancellationToken cancellation)
    {
        var answer = _answer ?? throw new InvalidOperationException("nothing has been asked yet");
        var pause = Task.Delay(length, cancellation);
        if (await Task.WhenAny(answer, pause).ConfigureAwait(false) == pause)
        {
            await pause.ConfigureAwait(false);
            return;
        }

        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException)
        {
            throw new UpstreamException($"the connection was lost: {lost.Message}", lost);
        }

        throw new UpstreamException("answers what was not asked");
    }

    public void Dispose() => connection.Dispose();

    private static List<MetadataResponse.MetadataResponseBroker> Read(ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body);
        var metadata = MetadataResponse.Read(ref reader, MetadataVersion);
        return reader.Failed ? throw new UpstreamException("answers Metadata with a malformed response") : metadata.Brokers;
    }
}
