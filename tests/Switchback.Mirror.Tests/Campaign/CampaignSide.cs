using Switchback.Kafka.Client;
using Switchback.Kafka.Records;
using Switchback.Mirror.Tests.Clusters;
using Switchback.Mirror.Tests.Copying;
using Record = Switchback.Kafka.Records.Record;

namespace Switchback.Mirror.Tests.Campaign;

/// <summary>One cluster of a campaign: its load, its groups, and what its records must be on the other side.</summary>
internal sealed class CampaignSide(ITestCluster cluster, string name, string topic, int series) : IAsyncDisposable
{
    public const int Partitions = 3;
    private const int RecordsInBatch = 5;

    // Each side numbers its records apart from the other's.
    private const int Series = 1_000_000_000;

    private readonly ClusterClient _client = TopicData.Connect(cluster.Bootstrap);
    private readonly Dictionary<int, long> _places = [];
    private CancellationTokenSource? _stop;
    private Task _load = Task.CompletedTask;
    private int _next = series * Series;

    public int Produced => _next % Series;

    /// <summary>The group whose places on this side are kept in step on the other one.</summary>
    private string Group => $"{topic}-{name}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task CreateAsync() => _client.CreateTopicsAsync([new NewTopic(topic, Partitions)], Cancellation);

    /// <summary>Produces until stopped, through everything that happens to the cluster. What a cut connection leaves open may lie there twice: so must the copy.</summary>
    public void StartLoad()
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        _load = Task.Run(() => ProduceAsync(_stop.Token), CancellationToken.None);
    }

    public async Task StopLoadAsync()
    {
        if (_stop is null)
            return;
        await _stop.CancelAsync();
        await _load;
        _stop.Dispose();
        _stop = null;
    }

    /// <summary>Records that nobody may see, on the first partition.</summary>
    public async Task AbortTransactionAsync()
    {
        await TopicData.TransactAsync(_client, Group, new TopicPartition(topic, 0), _next, RecordsInBatch, commit: false);
        _next += RecordsInBatch;
    }

    /// <summary>Puts the group further on, to the offset of any record it has not read.</summary>
    public async Task CommitPlacesAsync(Random random)
    {
        for (var i = 0; i < Partitions; i++)
        {
            var partition = new TopicPartition(topic, i);
            var end = (await _client.ListOffsetsAsync([partition], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation))[partition].Offset;
            var place = random.NextInt64(_places.GetValueOrDefault(i), end);
            await GroupOffsetsOfTests.CommitAsync(_client, Group, partition, place);
            _places[i] = place;
        }
    }

    /// <summary>The other side has each of this side's records once, in their order, and this side's group at its place among them.</summary>
    public async Task AssertCopiedAsync(CampaignSide other)
    {
        for (var i = 0; i < Partitions; i++)
        {
            var copyPartition = new TopicPartition($"{name}-{topic}", i);
            var original = await TopicData.ReadRecordsAsync(_client, new TopicPartition(topic, i));
            var copy = await TopicData.ReadRecordsAsync(other._client, copyPartition);
            Assert.NotEmpty(original);
            AssertSame(copyPartition, original, copy);
            var unread = original.FindIndex(record => record.Offset >= _places[i]);
            var expected = unread < 0 ? copy[^1].Offset + 1 : copy[unread].Offset;
            await Eventually.HoldsAsync(
                async () => await GroupOffsetsOfTests.FetchAsync(other._client, Group, copyPartition) is { } place && (unread < 0 ? place >= expected : place == expected),
                $"{Group} at {expected} in {copyPartition}, for its {_places[i]} in the original",
                async () => $"It is at {await GroupOffsetsOfTests.FetchAsync(other._client, Group, copyPartition)}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopLoadAsync();
        await _client.DisposeAsync();
    }

    private static void AssertSame(TopicPartition partition, List<Record> original, List<Record> copy)
    {
        for (var i = 0; i < Math.Max(original.Count, copy.Count); i++)
        {
            var (one, other) = (i < original.Count ? TopicData.Describe(original[i]) : "nothing", i < copy.Count ? TopicData.Describe(copy[i]) : "nothing");
            Assert.True(one == other, $"{partition}: record {i} of {original.Count} is {one}, and of the {copy.Count} copied it is {other}");
        }
    }

    private async Task ProduceAsync(CancellationToken stop)
    {
        var random = new Random(_next);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var batch = TopicData.Batch(_next, RecordsInBatch, (CompressionCodec)random.Next(5));
                await _client.ProduceAsync(new TopicPartition(topic, random.Next(Partitions)), batch, null, stop);
                _next += RecordsInBatch;
                await Task.Delay(3, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is KafkaConnectionException or KafkaErrorException)
            {
                // Away for longer than the client waits: these records are written again, as an application would.
                continue;
            }
        }
    }
}
