using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Broker.Configuration;
using Switchback.Broker.Tests.Protocol;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Faults;

/// <summary>
/// Clients that are broken or hostile, beside one that behaves: the cluster lives on, stays small, and the good one is served. A few seconds with a fixed
/// seed by default; minutes with a random one, which is printed, with SWITCHBACK_LONG=1.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Crowd = 1000;

    /// <summary>What a cluster may hold of memory at the most, in bytes: a thousand connections have a buffer each, and a promise of bytes is none.</summary>
    private const long MostMemory = 600L << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-fuzz-").FullName;
    private long _served;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nothing_a_client_sends_harms_the_cluster_or_the_others()
    {
        var (requests, rounds, seed) = Campaigns.AreAskedFor ? (200_000, 20, Random.Shared.Next()) : (3000, 1, 1);
        var corpus = await CaptureAsync();
        output.WriteLine($"{corpus.Count} requests captured; {requests} mutated, {rounds} crowds of {Crowd}; seed {seed}");
        var random = new Random(seed);
        using var cluster = new ClusterProcess("auto.create.topics.enable=false\noffsets.topic.num.partitions=4\n", 1, _directory);
        cluster.Start();
        var endpoint = KafkaEndpoint.ParseList(cluster.Bootstrap)[0];
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = [endpoint] });
        var partition = await TopicAsync(client);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var good = ServeAsync(client, partition, ended.Token);
        var (memory, files) = (cluster.Memory, cluster.OpenFiles);
        output.WriteLine($"at rest: {memory >> 20} MiB, {files} open files");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new Random(random.Next())).Select(own => SendMutatedAsync(endpoint, corpus, requests / 4, own)));
        output.WriteLine($"after the mutated requests: {cluster.Memory >> 20} MiB, {Interlocked.Read(ref _served)} good records");
        for (var round = 0; round < rounds; round++)
        {
            await CrowdAsync(cluster, endpoint, good);
            await Eventually.HoldsAsync(() => cluster.OpenFiles <= files + 50);
        }

        output.WriteLine($"after all: {cluster.Memory >> 20} MiB, {cluster.OpenFiles} open files, {Interlocked.Read(ref _served)} good records");
        Assert.InRange(cluster.Memory, 0, MostMemory);
        await ended.CancelAsync();
        await good;
        Assert.Equal(Interlocked.Read(ref _served), await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        Assert.DoesNotContain("A request from", cluster.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Background work failed", cluster.Log, StringComparison.Ordinal);
    }

    /// <summary>Real requests of a client's life: a topic, records, a group, transactions, configurations; and each API at each version with nothing in it.</summary>
    private async Task<IReadOnlyList<byte[]>> CaptureAsync()
    {
        await using var recorder = new Recorder();
        var file = Path.Combine(_directory, "capture.properties");
        await File.WriteAllTextAsync(file, $"advertised.listeners=CLIENTS://127.0.0.1:{recorder.Port}\ngroup.initial.rebalance.delay.ms=0\noffsets.topic.num.partitions=4\ntransaction.state.log.num.partitions=4\n", Stop);
        var options = new BrokerOptions { Listen = [FormattableString.Invariant($"127.0.0.1:{recorder.Target = Ports.Free()}")], DataDirectory = Path.Combine(_directory, "data"), ConfigurationFile = file };
        await using var cluster = await EmbeddedCluster.StartAsync(options, NullLogger.Instance);
        await using (var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.BootstrapServers), ClientId = "captured" }))
        {
            var partition = await TopicAsync(client);
            for (var i = 0; i < 3; i++)
                await ProduceOnceAsync(client, partition, Batches.Of($"v{i}", new string('x', 500)));
            await ValuesAsync(client, partition);
            var member = await JoinAndSyncAsync(client, "captured", 60_000);
            await CommitAsync(client, "captured", partition, 1, member);
            await CommittedAsync(client, "captured", partition);
            await HeartbeatAsync(client, "captured", member);
            await StateAsync(client, "captured");
            var producer = await InitAsync(client, "captured");
            await AddAsync(client, "captured", producer, partition);
            await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "t"), "captured");
            await EndAsync(client, "captured", producer, commit: true);
            var connection = await client.ConnectToAnyAsync(Stop);
            await connection.SendAsync(Fetch(partition.Topic, 0, 0), 12, Stop);
            await connection.SendAsync(new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = partition.Topic }] }, Stop);
            await connection.SendAsync(new IncrementalAlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = partition.Topic, Configs = [new() { Name = "retention.ms", Value = "1000" }] }] }, Stop);
            await connection.SendAsync(new DescribeProducersRequest { Topics = [new() { Name = partition.Topic, PartitionIndexes = [0] }] }, Stop);
        }

        return [.. recorder.Requests, .. EmptyRequests(cluster)];
    }

    private static IEnumerable<byte[]> EmptyRequests(EmbeddedCluster cluster)
    {
        foreach (var handler in cluster.Dispatcher.Handlers)
        {
            for (var version = handler.LowestVersion; version <= handler.HighestVersion; version++)
            {
                using var writer = new WireWriter();
                KafkaFrame.WriteRequest(writer, handler.ApiKey, version, 1, "empty", EveryVersionTests.RequestOf(handler));
                yield return writer.Written[4..].ToArray();
            }
        }
    }

    /// <summary>The client that behaves: writes and reads, and counts what was acknowledged.</summary>
    private async Task ServeAsync(ClusterClient client, TopicPartition partition, CancellationToken ended)
    {
        try
        {
            while (!ended.IsCancellationRequested)
            {
                var written = await client.ProduceAsync(partition, Batches.Of("good"), null, ended);
                Interlocked.Increment(ref _served);
                var read = await client.FetchAsync(new FetchPosition(partition, written.BaseOffset), new FetchSettings(), ended);
                Assert.True(read.Data.Records is { Length: > 0 });
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // A record may have been written and not answered: then there is one more than we counted.
            _served = await LatestAsync(client, partition, IsolationLevel.ReadUncommitted) is var end && end - _served is 0 or 1 ? end : _served;
        }
    }

    private static async Task SendMutatedAsync(KafkaEndpoint endpoint, IReadOnlyList<byte[]> corpus, int count, Random random)
    {
        while (count > 0)
        {
            using var socket = await ConnectAsync(endpoint);
            try
            {
                for (var several = random.Next(1, 20); several > 0 && count > 0; several--, count--)
                {
                    var frame = random.Next(10) == 0 ? Mutation.Noise(random) : Mutation.Of(corpus[random.Next(corpus.Count)], corpus, random);
                    await socket.SendAsync(Framed(frame), Stop);
                }
            }
            catch (SocketException)
            {
                // It was hung up on, as it should be.
                continue;
            }
        }
    }

    /// <summary>A thousand connections at once: some silent, some in the middle of a frame, some that promise a hundred megabytes, some that ask and never listen.</summary>
    private async Task CrowdAsync(ClusterProcess cluster, KafkaEndpoint endpoint, Task good)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Crowd; i++)
            {
                var socket = await ConnectAsync(endpoint);
                sockets.Add(socket);
                await BeginAsync(socket, i);
            }

            for (var step = 0; step < 3; step++)
            {
                // Those who are slow send a byte more; the good client is served between all that.
                var reached = Interlocked.Read(ref _served) + 20;
                await Eventually.HoldsAsync(() => Interlocked.Read(ref _served) >= reached || good.IsCompleted);
                Assert.False(good.IsCompleted, good.Exception?.ToString());
                for (var i = 1; i < Crowd; i += 5)
                    await sockets[i].SendAsync(new byte[1], Stop);
            }

            output.WriteLine($"with {Crowd} connections: {cluster.Memory >> 20} MiB, {cluster.OpenFiles} open files");
            Assert.InRange(cluster.Memory, 0, MostMemory);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    private static async Task BeginAsync(Socket socket, int number)
    {
        switch (number % 5)
        {
            case 1:
                await socket.SendAsync(Framed(new byte[100]).AsMemory(0, 7), Stop);
                break;
            case 2:
                await socket.SendAsync(Promise(100_000_000), Stop);
                break;
            case 3:
                await socket.SendAsync(Promise(60_000), Stop);
                break;
            case 4:
                socket.Blocking = false;
                var fetch = Request(new MetadataRequest { Topics = null }, 12);
                for (var i = 0; i < 50; i++)
                {
                    try
                    {
                        socket.Send(fetch);
                    }
                    catch (SocketException)
                    {
                        return;
                    }
                }

                break;
        }
    }

    private static byte[] Promise(int length)
    {
        var bytes = new byte[1000];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static byte[] Request<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, TRequest.ApiKey, version, 1, "deaf", request);
        return writer.Written.ToArray();
    }

    private static byte[] Framed(byte[] frame)
    {
        var framed = new byte[frame.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(framed, frame.Length);
        frame.CopyTo(framed, 4);
        return framed;
    }

    private static async Task<Socket> ConnectAsync(KafkaEndpoint endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(endpoint.Host), endpoint.Port, Stop);
        return socket;
    }
}
