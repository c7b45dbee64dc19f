using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

public sealed class ErrorResponseTests
{
    public static TheoryData<string> Apis => [.. ApiTable.All.Select(api => api.Name)];

    [Fact]
    public void TopicsThatWereAskedForHaveTheErrorAndNoBrokerIsMadeUp()
    {
        var asked = new MetadataRequest { Topics = [new() { Name = "orders" }, new() { Name = "payments" }] };
        var answered = (MetadataResponse)ErrorResponse.To(MetadataRequest.ApiKey, 12, asked, KafkaError.ClusterAuthorizationFailed);
        Assert.Equal([("orders", KafkaError.ClusterAuthorizationFailed), ("payments", KafkaError.ClusterAuthorizationFailed)], answered.Topics.Select(topic => (topic.Name, topic.ErrorCode)));
        Assert.Empty(answered.Brokers);
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public void EveryApiHasAnErrorResponseAtEveryVersion(string name)
    {
        var api = ApiTable.All.Single(api => api.Name == name);
        var type = typeof(KafkaFrame).Assembly.GetType($"Switchback.Kafka.Messages.{name}Request", throwOnError: true)!;
        for (var version = api.LowestVersion; version <= api.HighestVersion; version++)
        {
            // A request as it would come: written by the schema, with two of everything where the version can carry it.
            using var writer = new WireWriter();
            try
            {
                KafkaFrame.WriteRequest(writer, api.Key, version, 5, "client", (IKafkaMessage)Filled.Fill(Activator.CreateInstance(type)!, flexible: version >= api.FirstFlexibleVersion));
            }
            catch (InvalidOperationException)
            {
                writer.Reset();
                KafkaFrame.WriteRequest(writer, api.Key, version, 5, "client", (IKafkaMessage)Activator.CreateInstance(type)!);
            }

            var request = new WireReader(writer.Written[4..]);
            KafkaFrame.ReadRequestHeader(ref request, writer.Written[4..]);
            Assert.True(ApiTable.TryReadRequest(api.Key, ref request, version, out var asked), $"{name} version {version}: {request.Failure}");
            var response = ErrorResponse.To(api.Key, version, asked, KafkaError.ClusterAuthorizationFailed);
            using var answer = new WireWriter();
            KafkaFrame.WriteResponse(answer, api.Key, version, 5, response);
            var reader = new WireReader(answer.Written[8..]);
            if (api.ResponseHeaderVersion(version) > 0)
            {
                reader.SkipTags();
            }

            Assert.True(ApiTable.TryReadResponse(api.Key, ref reader, version, out _), $"{name} version {version}: {reader.Failure}");
            Assert.Equal(0, reader.Remaining);
        }
    }
}
