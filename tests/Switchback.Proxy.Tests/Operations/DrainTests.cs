using System.Buffers.Binary;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>An application that flushes while it ends finds its sidecar serving, whatever the cluster does meanwhile.</summary>
public sealed class DrainTests
{
    private static ProduceRequest Produce(short acks = -1) => new()
    {
        Acks = acks,
        TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = new byte[100] }] }],
    };

    private static ProduceResponse Produced(Kafka.KafkaError error) => new()
    {
        Responses = [new() { Name = "topic", PartitionResponses = [new() { Index = 0, ErrorCode = error }] }],
    };

    private static Task DrainingAsync(TestProxy proxy) => Eventually.HoldsAsync(async () => await proxy.GetAsync("/ready") == (503, "draining\n"), "draining");

    [Fact]
    public async Task WhatIsInFlightIsAnswered()
    {
        await using var broker = new ScriptedBroker();
        using var asked = new SemaphoreSlim(0);
        using var answer = new SemaphoreSlim(0);
        broker.AnswerRaw = request =>
        {
            if (request.ApiKey != HeartbeatRequest.ApiKey)
            {
                return null;
            }

            asked.Release();
            answer.Wait(TimeSpan.FromMinutes(1));
            byte[] frame = [0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), request.CorrelationId);
            return frame;
        };
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 7));
        Assert.True(await asked.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        proxy.Drain();
        await DrainingAsync(proxy);
        answer.Release();
        Assert.Equal(7, BinaryPrimitives.ReadInt32BigEndian(await client.ReceiveAsync()));
        client.Dispose();
        await proxy.Ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains("Drained", proxy.Log);
    }

    [Fact]
    public async Task ALeaderThatMovesToABrokerNobodyHasMetYetIsReachedWhileDraining()
    {
        await using var first = new ScriptedBroker();
        await using var second = new ScriptedBroker();
        var moved = false;
        first.Nodes.Add((1, "127.0.0.1", first.Port));
        first.Answer = request => request.ApiKey == ProduceRequest.ApiKey ? Produced(Volatile.Read(ref moved) ? Kafka.KafkaError.NotLeaderOrFollower : Kafka.KafkaError.None) : null;
        second.Answer = request => request.ApiKey == ProduceRequest.ApiKey ? Produced(Kafka.KafkaError.None) : null;
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={first.Address},127.0.0.1:0", "--shutdown-quiet-period=300ms");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        Assert.Equal(Kafka.KafkaError.None, (await client.AskAsync(Produce(), 9)).Responses[0].PartitionResponses[0].ErrorCode);

        proxy.Drain();
        await DrainingAsync(proxy);
        first.Nodes.Add((2, "127.0.0.1", second.Port));
        Volatile.Write(ref moved, true);
        Assert.Equal(Kafka.KafkaError.NotLeaderOrFollower, (await client.AskAsync(Produce(), 9)).Responses[0].PartitionResponses[0].ErrorCode);
        var metadata = await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        var leader = metadata.Brokers.Single(broker => broker.NodeId == 2);
        Assert.NotEqual(second.Port, leader.Port);
        using (var flushing = await TestClient.ConnectAsync(leader.Port))
        {
            Assert.Equal(Kafka.KafkaError.None, (await flushing.AskAsync(Produce(), 9)).Responses[0].PartitionResponses[0].ErrorCode);
            client.Dispose();

            // The one that flushes is still open: nothing ends under it.
            Assert.Equal(Kafka.KafkaError.None, (await flushing.AskAsync(Produce(), 9)).Responses[0].PartitionResponses[0].ErrorCode);
            Assert.False(proxy.Ended.IsCompleted);
        }

        await proxy.Ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains("Drained", proxy.Log);
        Assert.Contains(second.Seen, request => request.ApiKey == ProduceRequest.ApiKey);
    }

    [Fact]
    public async Task ABrokerThatGoesWhileDrainingIsStoodInForByAnother()
    {
        var first = new ScriptedBroker();
        await using var second = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={first.Address};{second.Address},127.0.0.1:0", "--shutdown-quiet-period=2s");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        proxy.Drain();
        await DrainingAsync(proxy);
        await first.DisposeAsync();
        Assert.True(await client.IsClosedByPeerAsync());
        using var again = await TestClient.ConnectAsync(proxy.Port);
        await again.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Contains(second.Seen, request => request.ApiKey == MetadataRequest.ApiKey);
        Assert.False(proxy.Ended.IsCompleted);
    }
}
