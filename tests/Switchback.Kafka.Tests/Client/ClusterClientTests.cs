using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Tests.Client;

public class ClusterClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_bootstrap_server_is_tried_when_one_is_down()
    {
        KafkaEndpoint gone;
        await using (var dead = new ScriptedBroker(_ => Task.CompletedTask))
            gone = dead.Endpoint;
        await using var broker = new ScriptedBroker(request => Serve(request));
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = [gone, broker.Endpoint] });
        var metadata = await client.RefreshMetadataAsync(null, Cancellation);
        Assert.Equal("scripted", metadata.ClusterId);
    }

    [Fact]
    public async Task A_retriable_error_is_tried_again_and_the_leader_looked_up_anew()
    {
        var leader = 1;
        var refused = 0;
        ScriptedBroker? self = null;
        await using var broker = self = new ScriptedBroker(request =>
        {
            if (request.Key != ApiKey.ListOffsets)
                return Serve(request, self!.Endpoint, leader);
            if (leader == 2)
                return request.AnswerAsync(Offsets(KafkaError.None, 42));
            refused++;
            leader = 2;
            return request.AnswerAsync(Offsets(KafkaError.NotLeaderOrFollower, -1));
        });
        await using var client = Connect(broker);
        var listed = await client.ListOffsetsAsync([new("t", 0)], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation);
        Assert.Equal(42, listed[new("t", 0)].Offset);
        Assert.Equal(1, refused);
        Assert.Equal(2, client.Metadata.FindPartition(new("t", 0))!.LeaderId);
    }

    [Fact]
    public async Task An_error_for_good_is_not_tried_again()
    {
        var asked = 0;
        ScriptedBroker? self = null;
        await using var broker = self = new ScriptedBroker(request =>
        {
            if (request.Key != ApiKey.ListOffsets)
                return Serve(request, self!.Endpoint);
            asked++;
            return request.AnswerAsync(Offsets(KafkaError.TopicAuthorizationFailed, -1));
        });
        await using var client = Connect(broker);
        var failure = await Assert.ThrowsAsync<KafkaErrorException>(() =>
            client.ListOffsetsAsync([new("t", 0)], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation));
        Assert.Equal((KafkaError.TopicAuthorizationFailed, 1), (failure.Error, asked));
    }

    [Fact]
    public async Task A_broker_that_says_nothing_is_given_a_fresh_connection()
    {
        var silent = true;
        ScriptedBroker? self = null;
        await using var broker = self = new ScriptedBroker(request =>
        {
            if (request.Key != ApiKey.ListOffsets)
                return Serve(request, self!.Endpoint);
            return silent ? Task.CompletedTask : request.AnswerAsync(Offsets(KafkaError.None, 7));
        });
        await using var client = new ClusterClient(new ClusterClientOptions
        {
            Bootstrap = [broker.Endpoint],
            RequestTimeout = TimeSpan.FromMilliseconds(300),
        });
        var listing = client.ListOffsetsAsync([new("t", 0)], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation);
        await Eventually.HoldsAsync(() => broker.Connections > 1);
        silent = false;
        Assert.Equal(7, (await listing)[new("t", 0)].Offset);
    }

    [Fact]
    public async Task After_the_deadline_the_last_failure_is_thrown()
    {
        ScriptedBroker? self = null;
        await using var broker = self = new ScriptedBroker(request => request.Key == ApiKey.ListOffsets
            ? request.AnswerAsync(Offsets(KafkaError.NotLeaderOrFollower, -1))
            : Serve(request, self!.Endpoint));
        await using var client = new ClusterClient(new ClusterClientOptions
        {
            Bootstrap = [broker.Endpoint],
            Deadline = TimeSpan.FromMilliseconds(300),
            RetryDelay = TimeSpan.FromMilliseconds(20),
        });
        var failure = await Assert.ThrowsAsync<KafkaErrorException>(() =>
            client.ListOffsetsAsync([new("t", 0)], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation));
        Assert.Equal(KafkaError.NotLeaderOrFollower, failure.Error);
    }

    [Fact]
    public async Task A_connection_whose_session_ends_soon_is_replaced_and_closed_when_its_answers_are_there()
    {
        ScriptedRequest? held = null;
        ScriptedBroker? self = null;
        await using var broker = self = new ScriptedBroker(request =>
        {
            switch (request.Key)
            {
                case ApiKey.SaslHandshake:
                    return request.AnswerAsync(new SaslHandshakeResponse { Mechanisms = ["PLAIN"] });
                case ApiKey.SaslAuthenticate:
                    // The first session is as good as over, the second lasts.
                    return request.AnswerAsync(new SaslAuthenticateResponse { SessionLifetimeMs = self!.Connections == 1 ? 1 : 3_600_000 });
                case ApiKey.ListOffsets when held is null:
                    held = request;
                    return Task.CompletedTask;
                case ApiKey.ListOffsets:
                    return request.AnswerAsync(Offsets(KafkaError.None, 2));
                default:
                    return Serve(request, self!.Endpoint);
            }
        });
        await using var client = new ClusterClient(new ClusterClientOptions
        {
            Bootstrap = [broker.Endpoint],
            Security = new ClientSecurity { Protocol = SecurityProtocol.SaslPlaintext, Username = "u", Password = "p" },
        });
        var first = await client.ConnectToAnyAsync(Cancellation);
        var waiting = first.SendAsync(new ListOffsetsRequest(), Cancellation);
        await Eventually.HoldsAsync(() => Volatile.Read(ref held) is not null);

        var second = await client.ConnectToAnyAsync(Cancellation);
        Assert.NotSame(first, second);
        Assert.True(first.IsOpen);
        await held!.AnswerAsync(Offsets(KafkaError.None, 1));
        Assert.Equal(1, (await waiting).Topics[0].Partitions[0].Offset);
        Assert.Same(second, await client.ConnectToAnyAsync(Cancellation));
        await client.DisposeAsync();
        Assert.False(first.IsOpen || second.IsOpen);
    }

    private static ClusterClient Connect(ScriptedBroker broker) =>
        new(new ClusterClientOptions { Bootstrap = [broker.Endpoint], RetryDelay = TimeSpan.FromMilliseconds(5) });

    private static ListOffsetsResponse Offsets(KafkaError error, long offset) => new()
    {
        Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, ErrorCode = error, Offset = offset }] }],
    };

    /// <summary>Two node ids at one address, and a topic of one partition.</summary>
    private static Task Serve(ScriptedRequest request, KafkaEndpoint self = default, int leader = 1)
    {
        if (request.Key == ApiKey.ApiVersions)
            return request.AnswerVersionsAsync();
        Assert.Equal(ApiKey.Metadata, request.Key);
        var response = new MetadataResponse { ClusterId = "scripted", ControllerId = 1 };
        if (self != default)
        {
            foreach (var node in new[] { 1, 2 })
                response.Brokers.Add(new() { NodeId = node, Host = self.Host, Port = self.Port });
            var partition = new MetadataResponse.MetadataResponsePartition { LeaderId = leader, ReplicaNodes = [1, 2], IsrNodes = [1, 2] };
            response.Topics.Add(new() { Name = "t", TopicId = Guid.NewGuid(), Partitions = [partition] });
        }

        return request.AnswerAsync(response);
    }
}
