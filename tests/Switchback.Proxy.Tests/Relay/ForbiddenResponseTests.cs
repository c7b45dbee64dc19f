using Switchback.Kafka;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

public sealed class ForbiddenResponseTests
{
    public static TheoryData<string> Apis => [.. ApiTable.All.Select(api => api.Name)];

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

            var response = ForbiddenResponse.To(new RequestHead(0, api.Key, version, 5, IsAnswered: true), writer.Written[4..]);
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
