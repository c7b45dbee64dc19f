using System.Buffers.Binary;
using System.Text;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

/// <summary>Between plaintext sockets large bodies stay in the kernel: not a byte of them changes, and what is rewritten is rewritten all the same.</summary>
public sealed class SpliceTests
{
    private const string Canary = "canary.upstream.example";

    private static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public async Task LargeBodiesPassUnchangedInBothDirections()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        await LargeBodiesPassAsync(broker, proxy.Port);
    }

    /// <summary>Where the kernel, what stands in for it or what guards it refuses to splice, everything is copied: from the first byte, and when it refuses with bytes in the pipe.</summary>
    [Theory]
    [InlineData("ENOSYS")]
    [InlineData("EPERM")]
    [InlineData("EINVAL:when=2+")]
    public async Task WhereThereIsNoSplicingLargeBodiesAreCopied(string error)
    {
        var strace = Tool.Require("strace");
        Assert.SkipUnless((await Tool.RunAsync(strace, ["-o", "/dev/null", "true"])).ExitCode == 0, "no program can be traced here");
        var directory = Directory.CreateTempSubdirectory("proxy-splice-");
        try
        {
            var calls = Path.Combine(directory.FullName, "calls");
            await using var broker = new ScriptedBroker();
            using var proxy = ProxyProcess.Start(
                [$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--http-disable"], [strace, "-f", "-o", calls, "-e", "trace=splice", "-e", $"inject=splice:error={error}"]);
            await LargeBodiesPassAsync(broker, proxy.Ports[0]);
            Assert.Contains("(INJECTED)", await File.ReadAllTextAsync(calls, TestContext.Current.CancellationToken));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    public async Task TheEndOfALargeFetchIsRewrittenAndTheRestIsNot(short version)
    {
        FetchResponse Response() => new()
        {
            Responses = [.. Enumerable.Range(1, 2).Select(topic => new FetchResponse.FetchableTopicResponse
            {
                TopicId = new Guid(topic, 0, 0, new byte[8]),
                Partitions = [.. Enumerable.Range(0, 3).Select(partition => new FetchResponse.PartitionData { PartitionIndex = partition, Records = Random(partition, 700_000 * partition) })],
            })],
            NodeEndpoints = [new() { NodeId = 1, Host = Canary, Port = 9092 }],
        };
        await using var broker = new ScriptedBroker { Answer = request => request.ApiKey == FetchRequest.ApiKey ? Response() : null };
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", $"--external-server-mapping={Canary}:9092,127.0.0.1:32400");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        for (var round = 0; round < 3; round++)
        {
            var fetched = await client.AskAsync(new FetchRequest(), version);
            var endpoint = Assert.Single(fetched.NodeEndpoints);
            Assert.Equal(("127.0.0.1", 32400), (endpoint.Host, endpoint.Port));
            foreach (var (expected, actual) in Response().Responses.SelectMany(topic => topic.Partitions).Zip(fetched.Responses.SelectMany(topic => topic.Partitions)))
            {
                Assert.True(expected.Records!.Value.Span.SequenceEqual(actual.Records!.Value.Span));
            }
        }

        Assert.DoesNotContain(Canary, Encoding.Latin1.GetString([.. client.Received]));
    }

    private static async Task LargeBodiesPassAsync(ScriptedBroker broker, int port)
    {
        broker.AnswerRaw = request =>
        {
            if (request.ApiKey is not (HeartbeatRequest.ApiKey or ProduceRequest.ApiKey))
            {
                return null;
            }

            var answer = Random(request.CorrelationId, 8 + (request.CorrelationId * 217_333));
            BinaryPrimitives.WriteInt32BigEndian(answer, answer.Length - 4);
            BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(4), request.CorrelationId);
            return answer;
        };
        using var client = await TestClient.ConnectAsync(port);
        var sent = Enumerable.Range(1, 12).Select(id => id % 3 == 0
            ? TestClient.RequestFrame(new HeartbeatRequest { GroupId = "small" }, 4, id)
            : TestClient.RequestFrame(
                new ProduceRequest { Acks = 1, TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = Random(id, id * 190_001) }] }] }, 8, id)).ToList();
        var sending = Task.Run(async () =>
        {
            foreach (var frame in sent)
            {
                await client.SendAsync(frame);
            }
        }, TestContext.Current.CancellationToken);
        for (var id = 1; id <= sent.Count; id++)
        {
            var expected = Random(id, 8 + (id * 217_333));
            BinaryPrimitives.WriteInt32BigEndian(expected.AsSpan(4), id);
            var answer = await client.ReceiveAsync();
            Assert.True(expected.AsSpan(4).SequenceEqual(answer), $"answer {id}");
            client.Received.Clear();
        }

        await sending;
        var seen = broker.Seen.Where(request => request.ApiKey is HeartbeatRequest.ApiKey or ProduceRequest.ApiKey).ToList();
        Assert.Equal(sent.Count, seen.Count);
        Assert.All(sent.Zip(seen), pair => Assert.True(pair.First.AsSpan(4).SequenceEqual(pair.Second.Frame)));
    }
}
