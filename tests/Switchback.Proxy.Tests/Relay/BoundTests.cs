using System.Buffers.Binary;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

/// <summary>What one connection can hold at most, whatever its two sides do.</summary>
public sealed class BoundTests
{
    private const int Large = 48 << 20;

    private static byte[] Head(int size, params byte[] after)
    {
        var head = new byte[4 + after.Length];
        BinaryPrimitives.WriteInt32BigEndian(head, size);
        after.CopyTo(head, 4);
        return head;
    }

    private static byte[] Heartbeats(int count) => [.. Enumerable.Range(0, count).SelectMany(id => TestClient.RequestFrame(new HeartbeatRequest(), 4, id))];

    [Theory]
    [InlineData(HeartbeatRequest.ApiKey, 4, false)]
    [InlineData(FetchRequest.ApiKey, 17, true)]
    public async Task OfALargeResponseNoMoreThanOneBufferIsHeldForAClientThatDoesNotRead(short key, short version, bool withTail)
    {
        var handling = withTail ? ResponseHandling.StreamWithTail : ResponseHandling.Pass;
        var inFlight = new InFlightRequests(256);
        Assert.True(inFlight.TryAdd(new InFlightRequest(0, key, version, handling)));

        // A Fetch of one topic with one partition whose records take nearly all: what comes before is as long as the fields are.
        byte[] records = [0, .. new byte[10], 2, .. new byte[16], 2, .. new byte[30], 1, .. new byte[4], 0x81, 0x80, 0x80, 0x10];
        var broker = new EndlessStream(Head(Large, [.. new byte[4], .. withTail ? records : []]));
        var client = new StuckStream();
        using var stop = new CancellationTokenSource();
        var pump = new ResponsePump(Harness.Rewriting.Context(broker, Harness.Rewriting.Identity(), inFlight), client).RunAsync(stop.Token);
        await client.Stuck.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.InRange(broker.Taken, 1, FrameWindow.Size);
        Assert.False(pump.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public async Task OfALargeRequestNoMoreThanOneBufferIsHeldForABrokerThatDoesNotRead()
    {
        var client = new EndlessStream(Head(Large, [0, 12, 0, 4, 0, 0, 0, 1]));
        var broker = new StuckStream();
        using var stop = new CancellationTokenSource();
        var pump = new RequestPump(Harness.Rewriting.Context(broker, Harness.Rewriting.Identity(), new InFlightRequests(256)), client).RunAsync(stop.Token);
        await broker.Stuck.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.InRange(client.Taken, 1, FrameWindow.Size);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public async Task NoMoreRequestsThanAllowedAreInFlight()
    {
        var broker = new CutStream([], []);
        var inFlight = new InFlightRequests(3);
        var pump = new RequestPump(Harness.Rewriting.Context(broker, Harness.Rewriting.Identity(), inFlight), new CutStream(Heartbeats(5), [])).RunAsync(CancellationToken.None);

        // All of them came in one read, and would have gone out in one write.
        await Eventually.HoldsAsync(() => broker.Written.Length > 0, "something is sent");
        Assert.Equal(Heartbeats(3), broker.Written.ToArray());
        Assert.False(pump.IsCompleted);
        foreach (var id in new[] { 0, 1 })
        {
            Assert.True(inFlight.TryTake(id, out _));
        }

        await pump.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(Heartbeats(5), broker.Written.ToArray());
    }

    [Fact]
    public async Task ABareTokenThatIsAnsweredMakesSpaceAsAnyResponseDoes()
    {
        var inFlight = new InFlightRequests(1);
        Assert.True(inFlight.TryAdd(new InFlightRequest(0, 0, 0, ResponseHandling.Token)));
        var space = inFlight.WaitForSpaceAsync();
        Assert.False(space.IsCompleted);
        Assert.True(inFlight.TryTakeToken(out _));
        await space.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task WhereAcksZeroIsNeverUsedAProduceIsNotLookedInto(bool neverUsed, int remembered)
    {
        var inFlight = new InFlightRequests(256);
        var context = Harness.Rewriting.Context(new CutStream([], []), Harness.Rewriting.Identity(), inFlight);
        context = context with { Settings = context.Settings with { AcksZeroNeverUsed = neverUsed } };
        await new RequestPump(context, new CutStream(TestClient.RequestFrame(new ProduceRequest { Acks = 0 }, 9, 1), [])).RunAsync(CancellationToken.None);
        Assert.Equal(remembered, inFlight.Count);
    }
}
