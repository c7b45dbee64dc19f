using Switchback.Kafka.Messages;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

public sealed class TransparencyTests
{
    /// <summary>Requests of several APIs in one stream, some big, one without an answer.</summary>
    private static byte[] Requests(int seed)
    {
        var random = new Random(seed);
        var bytes = new List<byte>();
        for (var i = 0; i < 12; i++)
        {
            var records = new byte[random.Next(0, i % 4 == 0 ? 200_000 : 200)];
            random.NextBytes(records);
            bytes.AddRange((i % 3) switch
            {
                0 => TestClient.RequestFrame(Produce(records, (short)(random.Next(3) - 1)), (short)random.Next(3, 14), i),
                1 => TestClient.RequestFrame(new HeartbeatRequest { GroupId = "group", MemberId = "member" }, 4, i),
                _ => TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, i),
            });
        }

        return [.. bytes];
    }

    private static ProduceRequest Produce(byte[] records, short acks) => new()
    {
        Acks = acks,
        TransactionalId = "transaction",
        TimeoutMs = 1000,
        TopicData = [new() { Name = "topic", TopicId = Guid.NewGuid(), PartitionData = [new() { Index = 0, Records = records }] }],
    };

    private static async Task<byte[]> PumpAsync(byte[] requests, IEnumerable<int> cuts, InFlightRequests inFlight)
    {
        var upstream = new CutStream([], []);
        await new RequestPump(Harness.Rewriting.Context(upstream, Harness.Rewriting.Identity(), inFlight), new CutStream(requests, cuts)).RunAsync(CancellationToken.None);
        return upstream.Written.ToArray();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task RequestsPassUnchangedWhereverTheyAreCut(int seed)
    {
        var random = new Random(seed);
        var requests = Requests(seed);
        for (var round = 0; round < 50; round++)
        {
            var cuts = Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(requests.Length)).Order().ToList();
            Assert.Equal(requests, await PumpAsync(requests, cuts, new InFlightRequests(256)));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    public async Task OnlyAProduceWithAcksZeroIsNotRememberedWhereverItIsCut(short version)
    {
        foreach (var (acks, remembered) in new (short, int)[] { (0, 0), (1, 1), (-1, 1) })
        {
            var frame = TestClient.RequestFrame(Produce([1, 2, 3], acks), version, 5);
            for (var cut = 0; cut < frame.Length; cut++)
            {
                var inFlight = new InFlightRequests(256);
                Assert.Equal(frame, await PumpAsync(frame, [cut], inFlight));
                Assert.Equal(remembered, inFlight.Count);
            }
        }
    }

    [Fact]
    public async Task OldProduceVersionsPassToo()
    {
        // Version 2 has no transactional id: client id, acks, timeout, no topics.
        byte[] frame = [0, 0, 0, 24, 0, 0, 0, 2, 0, 0, 0, 5, 0, 4, (byte)'t', (byte)'e', (byte)'s', (byte)'t', 0, 0, 0, 0, 3, 232, 0, 0, 0, 0];
        var inFlight = new InFlightRequests(256);
        Assert.Equal(frame, await PumpAsync(frame, [], inFlight));
        Assert.Equal(0, inFlight.Count);
    }

    [Fact]
    public async Task ResponsesPassUnchangedAndPairByCorrelationId()
    {
        var random = new Random(7);
        var inFlight = new InFlightRequests(256);
        var order = new[] { 3, 1, 2, 0 };
        foreach (var id in Enumerable.Range(0, 4))
        {
            Assert.True(inFlight.TryAdd(new InFlightRequest(id, 12, 4, ResponseHandling.Pass)));
        }

        var bytes = order.SelectMany(id =>
        {
            var frame = new byte[4 + 4 + random.Next(0, 150_000)];
            random.NextBytes(frame);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), id);
            return frame;
        }).ToArray();
        using var client = new MemoryStream();
        var cuts = Enumerable.Range(0, 100).Select(_ => random.Next(bytes.Length)).Order();
        await new ResponsePump(Harness.Rewriting.Context(new CutStream(bytes, cuts), Harness.Rewriting.Identity(), inFlight), client).RunAsync(CancellationToken.None);
        Assert.True(bytes.AsSpan().SequenceEqual(client.ToArray()));
        Assert.Equal(0, inFlight.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 1 })]
    public async Task WhatIsNoRequestEndsTheConnection(byte[] bytes) =>
        await Assert.ThrowsAsync<RelayException>(() => PumpAsync(bytes, [], new InFlightRequests(256)));

    [Fact]
    public async Task RandomBytesNeverThrowAnythingElse()
    {
        var random = new Random(11);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = new byte[random.Next(2, 400)];
            random.NextBytes(bytes);
            bytes[0] = 0;
            bytes[1] = 0;
            try
            {
                await PumpAsync(bytes, [], new InFlightRequests(256));
            }
            catch (Exception refused) when (refused is RelayException or EndOfStreamException)
            {
                Assert.NotEmpty(refused.Message);
            }

            var inFlight = new InFlightRequests(1);
            Assert.True(inFlight.TryAdd(new InFlightRequest(0, 1, 17, ResponseHandling.StreamWithTail)));
            bytes.AsSpan(0, Math.Min(8, bytes.Length)).Clear();
            if (bytes.Length > 8)
            {
                bytes[3] = (byte)Math.Min(bytes.Length - 4, 255);
                try
                {
                    using var client = new MemoryStream();
                    await new ResponsePump(Harness.Rewriting.Context(new CutStream(bytes, []), Harness.Rewriting.Identity(), inFlight), client).RunAsync(CancellationToken.None);
                }
                catch (Exception refused) when (refused is RelayException or EndOfStreamException)
                {
                    Assert.NotEmpty(refused.Message);
                }
            }
        }
    }
}
