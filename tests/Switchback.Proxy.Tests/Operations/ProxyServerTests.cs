using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

public sealed class ProxyServerTests
{
    private static Task<TestProxy> StartAsync(ScriptedBroker broker, params string[] more) =>
        TestProxy.StartAsync([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", .. more]);

    [Fact]
    public async Task ABrokerThatMovesKeepsItsLocalPort()
    {
        await using var broker = new ScriptedBroker();
        await using var moved = new ScriptedBroker();
        broker.Nodes.AddRange([(1, "127.0.0.1", broker.Port), (2, "127.0.0.1", 9), (3, "", -1)]);
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);

        var before = await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Equal(proxy.Port, before.Brokers[0].Port);
        var port = before.Brokers[1].Port;
        Assert.NotEqual(9, port);

        broker.Nodes[1] = (2, "127.0.0.1", moved.Port);
        var after = await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Equal(port, after.Brokers[1].Port);
        using var second = await TestClient.ConnectAsync(port);
        await second.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Contains(moved.Seen, request => request.ApiKey == MetadataRequest.ApiKey);
    }

    [Fact]
    public async Task NoUpstreamAddressReachesAClient()
    {
        const string Canary = "canary.upstream.example";
        await using var broker = new ScriptedBroker();
        broker.Nodes.AddRange([(1, Canary, 19092), (2, Canary, 19093)]);
        broker.Answer = request => request.ApiKey switch
        {
            FindCoordinatorRequest.ApiKey when request.Version < 4 => new FindCoordinatorResponse { NodeId = 1, Host = Canary, Port = 19092 },
            FindCoordinatorRequest.ApiKey => new FindCoordinatorResponse { Coordinators = [new() { Key = "group", NodeId = 1, Host = Canary, Port = 19092 }] },
            DescribeClusterRequest.ApiKey => new DescribeClusterResponse { ClusterId = "cluster", Brokers = [new() { BrokerId = 1, Host = Canary, Port = 19092 }] },
            DescribeQuorumRequest.ApiKey when request.Version < 2 => new DescribeQuorumResponse(),
            DescribeQuorumRequest.ApiKey => new DescribeQuorumResponse { Nodes = [new() { NodeId = 1, Listeners = [new() { Name = "CONTROLLER", Host = Canary, Port = 1 }] }] },
            DescribeConfigsRequest.ApiKey => new DescribeConfigsResponse
            {
                Results =
                [
                    new()
                    {
                        ResourceType = 4, ResourceName = "1",
                        Configs =
                        [
                            new() { Name = "advertised.listeners", Value = $"PLAINTEXT://{Canary}:19092", Synonyms = [new() { Name = "advertised.listeners", Value = Canary }] },
                            new() { Name = "rlmm.config.remote.log.metadata.common.client.bootstrap.servers", Value = $"{Canary}:19092" },
                        ],
                    },
                ],
            },
            FetchRequest.ApiKey => new FetchResponse { NodeEndpoints = request.Version < 16 ? [] : [new() { NodeId = 1, Host = Canary, Port = 19092 }] },
            ProduceRequest.ApiKey => new ProduceResponse { NodeEndpoints = request.Version < 10 ? [] : [new() { NodeId = 1, Host = Canary, Port = 19092 }] },
            ShareFetchRequest.ApiKey => new ShareFetchResponse { NodeEndpoints = [new() { NodeId = 1, Host = Canary, Port = 19092 }] },
            ShareAcknowledgeRequest.ApiKey => new ShareAcknowledgeResponse { NodeEndpoints = [new() { NodeId = 1, Host = Canary, Port = 19092 }] },
            _ => null,
        };
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await EachVersionAsync<MetadataRequest, MetadataResponse>(client, () => new MetadataRequest { Topics = [] });
        await EachVersionAsync<FindCoordinatorRequest, FindCoordinatorResponse>(client, () => new FindCoordinatorRequest());
        await EachVersionAsync<DescribeClusterRequest, DescribeClusterResponse>(client, () => new DescribeClusterRequest());
        await EachVersionAsync<DescribeQuorumRequest, DescribeQuorumResponse>(client, () => new DescribeQuorumRequest());
        await EachVersionAsync<DescribeConfigsRequest, DescribeConfigsResponse>(client, () => new DescribeConfigsRequest());
        await EachVersionAsync<FetchRequest, FetchResponse>(client, () => new FetchRequest());
        await EachVersionAsync<ProduceRequest, ProduceResponse>(client, () => new ProduceRequest { Acks = -1 });
        await EachVersionAsync<ShareFetchRequest, ShareFetchResponse>(client, () => new ShareFetchRequest());
        await EachVersionAsync<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(client, () => new ShareAcknowledgeRequest());
        Assert.DoesNotContain(Canary, Encoding.Latin1.GetString([.. client.Received]));
    }

    [Fact]
    public async Task VersionsAndFeaturesAreCapped()
    {
        await using var broker = new ScriptedBroker();
        broker.Answer = request => request.ApiKey != ApiVersionsRequest.ApiKey ? null : new ApiVersionsResponse
        {
            ApiKeys =
            [
                new() { ApiKey = MetadataRequest.ApiKey, MinVersion = 0, MaxVersion = 99 },
                new() { ApiKey = 999, MinVersion = 0, MaxVersion = 1 },
                new() { ApiKey = HeartbeatRequest.ApiKey, MinVersion = 0, MaxVersion = 1 },
            ],
            SupportedFeatures = request.Version < 3 ? [] : [new() { Name = "transaction.version", MinVersion = 0, MaxVersion = 7 }],
            FinalizedFeatures = request.Version < 3 ? [] : [new() { Name = "transaction.version", MinVersionLevel = 1, MaxVersionLevel = 7 }, new() { Name = "metadata.version", MinVersionLevel = 1, MaxVersionLevel = 99 }],
        };
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var versions = await client.AskAsync(new ApiVersionsRequest(), 3);
        Assert.Equal([MetadataRequest.ApiKey, HeartbeatRequest.ApiKey], versions.ApiKeys.Select(api => api.ApiKey));
        Assert.Equal(MetadataRequest.HighestVersion, versions.ApiKeys[0].MaxVersion);
        Assert.Equal(1, versions.ApiKeys[1].MaxVersion);
        Assert.Equal(2, versions.SupportedFeatures.Single().MaxVersion);
        Assert.Equal([2, 99], versions.FinalizedFeatures.Select(feature => feature.MaxVersionLevel));
    }

    [Fact]
    public async Task AVersionOfApiVersionsThatNobodyKnowsIsAnsweredAsKip511Says()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(new byte[] { 0, 0, 0, 11, 0, 18, 0, 90, 0, 0, 0, 42, 0, 0, 0 });
        var reader = new WireReader(await client.ReceiveAsync());
        Assert.Equal(42, reader.ReadInt32());
        var response = ApiVersionsResponse.Read(ref reader, 0);
        Assert.Equal(KafkaError.UnsupportedVersion, response.ErrorCode);
        Assert.Equal(ApiVersionsRequest.HighestVersion, response.ApiKeys.Single().MaxVersion);
    }

    [Fact]
    public async Task AForbiddenRequestGetsItsOwnErrorResponseInOrder()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker, "--forbidden-api-keys=20,0", "--forbidden-api-keys=19");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync((byte[])
        [
            .. TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 1),
            .. TestClient.RequestFrame(new DeleteTopicsRequest { Topics = [new() { Name = "chuck", TopicId = Guid.Empty }] }, 6, 2),
            .. TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 3),
        ]);
        Assert.Equal(1, new WireReader(await client.ReceiveAsync()).ReadInt32());
        var reader = new WireReader(await client.ReceiveAsync());
        Assert.Equal(2, reader.ReadInt32());
        reader.SkipTags();
        var deleted = DeleteTopicsResponse.Read(ref reader, 6).Responses.Single();
        Assert.Equal("chuck", deleted.Name);
        Assert.Equal(KafkaError.ClusterAuthorizationFailed, deleted.ErrorCode);
        Assert.Equal(3, new WireReader(await client.ReceiveAsync()).ReadInt32());

        var produced = await client.AskAsync(
            new ProduceRequest { Acks = -1, TopicData = [new() { Name = "chuck", PartitionData = [new() { Index = 4, Records = new byte[100_000] }] }] }, 9);
        var partition = produced.Responses.Single().PartitionResponses.Single();
        Assert.Equal(("chuck", 4, KafkaError.ClusterAuthorizationFailed), (produced.Responses[0].Name, partition.Index, partition.ErrorCode));
        Assert.DoesNotContain(broker.Seen, request => request.ApiKey is 20 or 0);
    }

    [Fact]
    public async Task ReadinessFollowsTheBrokerAndHealthDoesNot()
    {
        var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, "ready");
        await broker.DisposeAsync();
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 503, "not ready");
        var (_, reason) = await proxy.GetAsync("/ready");
        Assert.Contains(broker.Address, reason);
        Assert.Equal((200, "OK"), await proxy.GetAsync("/health"));
        Assert.Contains("proxy_ready 0", (await proxy.GetAsync("/metrics")).Text);
        Assert.Equal(404, (await proxy.GetAsync("/nowhere")).Status);
    }

    [Fact]
    public async Task RefusedCredentialsMeanNotReadyAndAppearNowhere()
    {
        await using var broker = new ScriptedBroker();
        broker.Answer = request => request.ApiKey == SaslAuthenticateRequest.ApiKey
            ? new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = "Invalid username or password" }
            : null;
        await using var proxy = await StartAsync(broker, "--sasl-enable", "--sasl-username=someone-canary", "--sasl-password=secret-canary");
        await Eventually.HoldsAsync(() => proxy.Log.Contains("authentication failed"), "the refusal in the log");
        Assert.Equal(503, (await proxy.GetAsync("/ready")).Status);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        Assert.True(await client.IsClosedByPeerAsync());
        Assert.DoesNotContain("canary", proxy.Log);
        Assert.DoesNotContain("canary", (await proxy.GetAsync("/metrics")).Text);
    }

    [Fact]
    public async Task ASessionIsAuthenticatedAgainBeforeItEnds()
    {
        await using var broker = new ScriptedBroker();
        broker.Answer = request => request.ApiKey == SaslAuthenticateRequest.ApiKey ? new SaslAuthenticateResponse { SessionLifetimeMs = 200 } : null;
        await using var proxy = await StartAsync(broker, "--sasl-enable", "--sasl-username=u", "--sasl-password=p");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await Eventually.HoldsAsync(
            async () =>
            {
                await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
                return proxy.Log.Split("session to").Length > 3;
            },
            "authenticated again three times");
    }

    [Fact]
    public async Task AnotherBootstrapServerIsTriedWhenTheFirstIsAway()
    {
        await using var broker = new ScriptedBroker();
        var away = Ports.Free();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping=127.0.0.1:{away};{broker.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, "ready by the second");
    }

    [Fact]
    public async Task ADrainServesUntilTheLastConnectionHasGone()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker, "--shutdown-quiet-period=300ms");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        proxy.Drain();
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")) == (503, "draining\n"), "not ready while draining");
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        using (var late = await TestClient.ConnectAsync(proxy.Port))
        {
            await late.AskAsync(new MetadataRequest { Topics = [] }, 9);
        }

        Assert.False(proxy.Ended.IsCompleted);
        client.Dispose();
        await proxy.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains("Drained", proxy.Log);
    }

    [Fact]
    public async Task TheGracePeriodEndsWhatDoesNotEnd()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker, "--shutdown-grace-period=200ms");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        proxy.Drain();
        await proxy.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(await client.IsClosedByPeerAsync());
        Assert.Contains("The grace period ended with 1 client connections open", proxy.Log);
    }

    [Fact]
    public async Task AnUpstreamThatAnswersGarbageHarmsOnlyItsOwnConnection()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        using var bystander = await TestClient.ConnectAsync(proxy.Port);
        await bystander.AskAsync(new MetadataRequest { Topics = [] }, 9);
        broker.AnswerRaw = request => request.ApiKey == HeartbeatRequest.ApiKey ? [0, 0, 0, 8, 9, 9, 9, 9, 1, 2, 3, 4] : null;
        using var victim = await TestClient.ConnectAsync(proxy.Port);
        await victim.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 1));
        Assert.True(await victim.IsClosedByPeerAsync());
        await bystander.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("which is not in flight"), "one line about it");
        await bystander.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Equal(1, proxy.Log.Split("Closed the connection of ").Length - 1);
    }

    [Fact]
    public async Task AStandInEndsWhenTheRightBrokerIsBack()
    {
        await using var other = new ScriptedBroker();
        var port = Ports.Free();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping=127.0.0.1:{port};{other.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await using var right = new ScriptedBroker(port);
        Assert.True(await client.IsClosedByPeerAsync());
        using var again = await TestClient.ConnectAsync(proxy.Port);
        await again.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Contains(right.Seen, request => request.ApiKey == MetadataRequest.ApiKey);
    }

    [Fact]
    public async Task ABrokerThatStopsInTheMiddleOfAResponseEndsTheConnection()
    {
        await using var broker = new ScriptedBroker();
        broker.AnswerRaw = request => request.ApiKey == HeartbeatRequest.ApiKey ? [0, 0, 1, 0, 0, 0, 0, 1, 0] : null;
        await using var proxy = await StartAsync(broker, "--kafka-read-timeout=300ms");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 1));
        var begun = new byte[9];
        await client.Stream.ReadExactlyAsync(begun, TestContext.Current.CancellationToken);
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => proxy.Log.Contains("--kafka-read-timeout"), "the reason in the log");
    }

    [Fact]
    public async Task ASlowReaderIsHeldByBackPressure()
    {
        const int Answer = 1 << 20;
        const int Asked = 200;
        await using var broker = new ScriptedBroker();
        var sent = 0;
        broker.AnswerRaw = request =>
        {
            if (request.ApiKey != HeartbeatRequest.ApiKey)
            {
                return null;
            }

            Interlocked.Increment(ref sent);
            var frame = new byte[Answer];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame, Answer - 4);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), request.CorrelationId);
            return frame;
        };
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        for (var i = 0; i < Asked; i++)
        {
            await client.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, i));
        }

        // Nothing is read: the broker gets no further than the buffers of the kernel, which are a few megabytes.
        var before = -1;
        await Eventually.HoldsAsync(() => before == (before = Volatile.Read(ref sent)) && before > 0, "the broker waits");
        Assert.InRange(before, 1, Asked / 2);
        for (var i = 0; i < Asked; i++)
        {
            Assert.Equal(Answer - 4, (await client.ReceiveAsync()).Length);
        }
    }

    [Fact]
    public async Task AnAddressThatIsTakenIsSaidInOneLine()
    {
        await using var broker = new ScriptedBroker();
        var server = ProxyServer.Create(
            TestProxy.Flags($"--bootstrap-server-mapping={broker.Address},{broker.Address}", "--http-disable"), _ => null, Stream.Null, out var errors);
        Assert.Empty(errors);
        Assert.StartsWith($"cannot listen on {broker.Address}", await server!.RunAsync(CancellationToken.None, CancellationToken.None));
    }

    private static async Task EachVersionAsync<TRequest, TResponse>(TestClient client, Func<TRequest> request)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        for (var version = TRequest.LowestVersion; version <= TRequest.HighestVersion; version++)
        {
            await client.AskAsync<TRequest, TResponse>(request(), version);
        }
    }
}
