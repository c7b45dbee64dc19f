using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>Every request at every version the cluster announces.</summary>
public sealed class EveryVersionTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_answered_in_a_form_its_version_can_carry()
    {
        var broker = target.Cluster.Cluster.Brokers[0];
        using var response = new Response();
        foreach (var (api, version, frame) in Requests())
        {
            response.Reset();
            var session = new ConnectionSession(broker, "/test") { State = Broker.Network.AuthenticationState.Authenticated };
            await target.Cluster.Dispatcher.AnswerAsync(frame, session, response, Stop);
            var reader = new WireReader(response.Writer.Written[4..]);
            ResponseHeader.Read(ref reader, ApiTable.Get(api).ResponseHeaderVersion(version));
            Assert.True(ApiTable.TryReadResponse(api, ref reader, version, out _), $"{ApiTable.Get(api).Name} {version}: {reader.Failure}");
            Assert.Equal(0, reader.Remaining);
        }
    }

    private IEnumerable<(short Api, short Version, byte[] Frame)> Requests()
    {
        foreach (var handler in target.Cluster.Dispatcher.Handlers)
        {
            var request = RequestOf(handler);
            for (var version = handler.LowestVersion; version <= handler.HighestVersion; version++)
            {
                using var writer = new WireWriter();
                KafkaFrame.WriteRequest(writer, handler.ApiKey, version, 1, "test", request);
                yield return (handler.ApiKey, version, writer.Written[4..].ToArray());
            }
        }
    }

    /// <summary>A handler's request with nothing in it but what makes it one.</summary>
    internal static IKafkaMessage RequestOf(RequestHandler handler)
    {
        var type = handler.GetType();
        while (!type.IsGenericType)
            type = type.BaseType!;
        var request = (IKafkaMessage)Activator.CreateInstance(type.GetGenericArguments()[0])!;
        if (request is ApiVersionsRequest versions)
            (versions.ClientSoftwareName, versions.ClientSoftwareVersion) = ("test", "1");
        if (request is ProduceRequest produce)
            produce.Acks = 1;
        return request;
    }
}
