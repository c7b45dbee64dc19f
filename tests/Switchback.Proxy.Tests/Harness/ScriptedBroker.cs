using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>A request as a broker sees it.</summary>
internal sealed record SeenRequest(short ApiKey, short Version, int CorrelationId, byte[] Frame);

/// <summary>
/// An upstream that answers what the test says. The default answers are those of a one-node cluster without security; <see cref="Answer"/> overrides:
/// it returns a body to send, or null to fall back to the default.
/// </summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;

    public ScriptedBroker(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public ConcurrentQueue<SeenRequest> Seen { get; } = [];

    /// <summary>Called for each request; null: the default answer.</summary>
    public Func<SeenRequest, IKafkaMessage?> Answer { get; set; } = _ => null;

    /// <summary>Called for each request before <see cref="Answer"/>; the bytes go out as they are, an empty array means no answer.</summary>
    public Func<SeenRequest, byte[]?> AnswerRaw { get; set; } = _ => null;

    /// <summary>The nodes of the Metadata answer; itself as node 1 when empty.</summary>
    public List<(int NodeId, string Host, int Port)> Nodes { get; } = [];

    public void DropConnections()
    {
        while (_clients.TryTake(out var client))
        {
            client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        DropConnections();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                _clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            DropConnections();
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (true)
                {
                    var frame = await StreamExchange.ReceiveAsync(stream, CancellationToken.None);
                    var request = Parse(frame);
                    Seen.Enqueue(request);
                    if (AnswerRaw(request) is { } raw)
                    {
                        await stream.WriteAsync(raw);
                        continue;
                    }

                    using var writer = new WireWriter();
                    KafkaFrame.WriteResponse(writer, request.ApiKey, request.Version, request.CorrelationId, Answer(request) ?? Default(request));
                    await stream.WriteAsync(writer.Written);
                }
            }
            catch (Exception closed) when (closed is IOException or ObjectDisposedException or SocketException or UpstreamException)
            {
                client.Close();
            }
        }
    }

    private static SeenRequest Parse(byte[] frame)
    {
        var reader = new WireReader(frame);
        return new SeenRequest(reader.ReadInt16(), reader.ReadInt16(), reader.ReadInt32(), frame);
    }

    private IKafkaMessage Default(SeenRequest request)
    {
        switch (request.ApiKey)
        {
            case ApiVersionsRequest.ApiKey:
                var versions = new ApiVersionsResponse();
                foreach (var api in ApiTable.All)
                {
                    versions.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = api.Key, MinVersion = api.LowestVersion, MaxVersion = api.HighestVersion });
                }

                return versions;
            case MetadataRequest.ApiKey:
                var metadata = new MetadataResponse();
                foreach (var (nodeId, host, port) in Nodes.Count > 0 ? Nodes : [(1, "127.0.0.1", Port)])
                {
                    metadata.Brokers.Add(new MetadataResponse.MetadataResponseBroker { NodeId = nodeId, Host = host, Port = port });
                }

                return metadata;
            case SaslHandshakeRequest.ApiKey:
                return new SaslHandshakeResponse { Mechanisms = ["PLAIN"] };
            case SaslAuthenticateRequest.ApiKey:
                return new SaslAuthenticateResponse();
            default:
                throw new InvalidOperationException($"no answer scripted for key {request.ApiKey}");
        }
    }
}
