using System.Net;
using System.Net.Sockets;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>Every request at every version the cluster announces, sound and mutilated.</summary>
public sealed class EveryVersionTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_answered_in_a_form_its_version_can_carry()
    {
        var broker = target.Cluster.Cluster.Brokers[0];
        using var response = new WireWriter();
        foreach (var (api, version, frame) in Requests())
        {
            response.Reset();
            var session = new ConnectionSession(broker, "/test") { State = Broker.Network.AuthenticationState.Authenticated };
            await target.Cluster.Dispatcher.AnswerAsync(frame, session, response, Stop);
            var reader = new WireReader(response.Written[4..]);
            ResponseHeader.Read(ref reader, ApiTable.Get(api).ResponseHeaderVersion(version));
            Assert.True(ApiTable.TryReadResponse(api, ref reader, version, out _), $"{ApiTable.Get(api).Name} {version}: {reader.Failure}");
            Assert.Equal(0, reader.Remaining);
        }
    }

    [Fact]
    public async Task Mutilated_requests_end_their_connection_at_most()
    {
        var random = new Random(7);
        var endpoint = KafkaEndpoint.ParseList(target.Bootstrap)[0];
        var frames = Requests().Select(r => r.Frame).ToList();
        for (var i = 0; i < 300; i++)
        {
            var frame = frames[random.Next(frames.Count)].ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
            await SendAsync(endpoint, [.. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(frame.Length)), .. frame]);
        }

        await SendAsync(endpoint, [0x7f, 0xff, 0xff, 0xff, 0, 18]);
        await SendAsync(endpoint, [0xff, 0xff, 0xff, 0xff, 0, 18]);
        await using var client = target.Client();
        Assert.Equal(3, (await client.RefreshMetadataAsync([], Stop)).Brokers.Count);
    }

    /// <summary>Sends some bytes and hangs up, as a broken client does.</summary>
    private static async Task SendAsync(KafkaEndpoint endpoint, byte[] bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint.Host, endpoint.Port, Stop);
        await socket.SendAsync(bytes, Stop);
        socket.Shutdown(SocketShutdown.Send);
    }

    private IEnumerable<(short Api, short Version, byte[] Frame)> Requests()
    {
        foreach (var handler in target.Cluster.Dispatcher.Handlers)
        {
            var request = (IKafkaMessage)Activator.CreateInstance(RequestType(handler))!;
            for (var version = handler.LowestVersion; version <= handler.HighestVersion; version++)
            {
                using var writer = new WireWriter();
                if (request is ApiVersionsRequest versions)
                    (versions.ClientSoftwareName, versions.ClientSoftwareVersion) = ("test", "1");
                if (request is ProduceRequest produce)
                    produce.Acks = 1;
                KafkaFrame.WriteRequest(writer, handler.ApiKey, version, 1, "test", request);
                yield return (handler.ApiKey, version, writer.Written[4..].ToArray());
            }
        }
    }

    private static Type RequestType(RequestHandler handler)
    {
        var type = handler.GetType();
        while (!type.IsGenericType)
            type = type.BaseType!;
        return type.GetGenericArguments()[0];
    }
}
