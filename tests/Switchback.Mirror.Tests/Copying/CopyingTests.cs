using System.Diagnostics;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Mirror.Tests.Clusters;

namespace Switchback.Mirror.Tests.Copying;

public class EmbeddedCopyingTests(EmbeddedPair pair) : CopyingTests(pair), IClassFixture<EmbeddedPair>;

public class ApacheCopyingTests(ApachePair pair) : CopyingTests(pair), IClassFixture<ApachePair>;

/// <summary>What a mirror must do, whatever the clusters are.</summary>
public abstract partial class CopyingTests : IAsyncLifetime
{
    private readonly ClusterPair _pair;
    private readonly string _topic = "t" + Guid.NewGuid().ToString("N")[..12];
    private ClusterClient _north = null!;
    private ClusterClient _west = null!;

    protected CopyingTests(ClusterPair pair) => _pair = pair;

    private string Copy => "north-" + _topic;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(_pair.Missing is not null, _pair.Missing ?? "");
        _north = TopicData.Connect(_pair.North.Bootstrap);
        _west = TopicData.Connect(_pair.West.Bootstrap);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_north is null)
            return;
        await _north.DisposeAsync();
        await _west.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Records_arrive_as_they_are()
    {
        await CreateAsync(3);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        var first = 0;
        for (var i = 0; i < 30; i++, first += 17)
            await ProduceAsync(i % 3, TopicData.Batch(first, 17, (CompressionCodec)(i % 5)));
        await AssertSameAsync(mirror, 3, 30 * 17);
        Assert.Equal(0, (await mirror.StatusAsync()).BatchesRewritten);
    }

    [Fact]
    public async Task A_foreign_client_reads_the_same()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kcat"), "kcat is not here");
        await CreateAsync(1);
        var lines = string.Join('\n', Enumerable.Range(0, 500).Select(i => $"k{i}:v{i}")) + "\n";
        await KcatAsync(lines, "-b", _pair.North.Bootstrap, "-P", "-t", _topic, "-K:", "-z", "zstd", "-H", "a=b");
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        string[] reading = ["-C", "-e", "-q", "-o", "beginning", "-f", "%p %T %k %s %h\n"];
        var original = await KcatAsync("", ["-b", _pair.North.Bootstrap, "-t", _topic, .. reading]);
        Assert.Equal(500, original.Count(c => c == '\n'));
        Assert.Equal(original, await KcatAsync("", ["-b", _pair.West.Bootstrap, "-t", Copy, .. reading]));
    }

    [Fact]
    public async Task Aborted_transactions_are_left_out()
    {
        await CreateAsync(1);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        var partition = new TopicPartition(_topic, 0);
        await TopicData.TransactAsync(_north, _topic + "a", partition, 0, 10, commit: true);
        await TopicData.TransactAsync(_north, _topic + "b", partition, 10, 10, commit: false);
        await TopicData.TransactAsync(_north, _topic + "a", partition, 20, 10, commit: true);
        await ProduceAsync(0, TopicData.Batch(30, 10));
        await AssertSameAsync(mirror, 1, 30);
    }

    [Fact]
    public async Task A_batch_with_its_beginning_cut_off_is_written_anew()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 50, CompressionCodec.Gzip));
        await ProduceAsync(0, TopicData.Batch(50, 10));
        await DeleteRecordsAsync(20);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await AssertSameAsync(mirror, 1, 40);
        Assert.Equal(1, (await mirror.StatusAsync()).BatchesRewritten);
    }

    [Fact]
    public async Task Records_deleted_before_they_were_copied_are_counted()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        await mirror.KillAsync();
        for (var i = 1; i < 4; i++)
            await ProduceAsync(0, TopicData.Batch(i * 10, 10));
        await DeleteRecordsAsync(30);
        await mirror.StartAgainAsync();
        await CopiedAsync(mirror, 1);
        var status = await mirror.StatusAsync();
        Assert.Equal(20, status.GapOffsets);
        Assert.Equal((10, 30), (status.Gaps[0].FromOffset, status.Gaps[0].ToOffset));
        Assert.Equal(20, (await TopicData.ReadAsync(_west, new TopicPartition(Copy, 0))).Count);
    }

    [Fact]
    public async Task Append_time_becomes_create_time()
    {
        await _north.CreateTopicsAsync([new NewTopic(_topic, 1, -1, new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" })], Cancellation);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await ProduceAsync(0, TopicData.Batch(0, 25, CompressionCodec.Lz4));
        await AssertSameAsync(mirror, 1, 25);
        Assert.Equal(1, (await mirror.StatusAsync()).BatchesRewritten);
    }

    [Fact]
    public async Task The_source_dies_and_returns()
    {
        await CreateAsync(2);
        await ProduceAsync(0, TopicData.Batch(0, 100));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 2);
        await _pair.North.KillAsync();
        await mirror.ReachesAsync(status => status.State == "sourceUnavailable" && status.LagRecords is null, "notices that the source is away");
        await _pair.North.StartAsync();
        await ProduceAsync(0, TopicData.Batch(100, 50));
        await ProduceAsync(1, TopicData.Batch(150, 50));
        await AssertSameAsync(mirror, 2, 200);
        await mirror.ReachesAsync(status => status.State == "copying" && status.Problem is null, "copies again");
    }

    [Fact]
    public async Task The_target_dies_and_returns()
    {
        await CreateAsync(2);
        await ProduceAsync(0, TopicData.Batch(0, 100));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 2);
        await _pair.West.KillAsync();
        await ProduceAsync(0, TopicData.Batch(100, 50));
        await ProduceAsync(1, TopicData.Batch(150, 50));
        await mirror.ReachesAsync(status => status.State == "targetUnavailable" && status.LagRecords is null, "notices that the target is away");
        await _pair.West.StartAsync();
        await AssertSameAsync(mirror, 2, 200);
    }

    [Fact]
    public async Task A_second_mirror_stops_the_first()
    {
        await CreateAsync(2);
        await using var first = await MirrorChild.StartAsync(_pair, _topic);
        await ProduceAsync(0, TopicData.Batch(0, 100));
        await CopiedAsync(first, 2);
        await using var second = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(second, 2);
        await ProduceAsync(0, TopicData.Batch(100, 50));
        await first.ReachesAsync(status => status.State == "fenced", "the first mirror is fenced");
        await AssertSameAsync(second, 2, 150);
        Assert.Equal("copying", (await second.StatusAsync()).State);
    }

    [Fact]
    public async Task Copies_are_not_copied_back()
    {
        await CreateAsync(1);
        await _west.CreateTopicsAsync([new NewTopic(_topic, 1)], Cancellation);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        await mirror.ReachesAsync(status => status.Topics == 1, "one topic");
        Assert.Equal(["north-" + _topic, _topic], await NamesAsync(_west));
        Assert.Equal([_topic, "west-" + _topic], await NamesAsync(_north));

        async Task<string[]> NamesAsync(ClusterClient client) =>
            [.. (await client.RefreshMetadataAsync(null, Cancellation)).Topics.Keys.Where(name => name.EndsWith(_topic, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Partitions_that_are_added_are_copied()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        var more = new CreatePartitionsRequest { TimeoutMs = 10_000, Topics = [new CreatePartitionsRequest.CreatePartitionsTopic { Name = _topic, Count = 3, Assignments = null }] };
        Assert.Equal(Kafka.KafkaError.None, (await _north.SendToControllerAsync(more, r => r.Results[0].ErrorCode, Cancellation)).Results[0].ErrorCode);
        await Eventually.HoldsAsync(async () => (await _north.RefreshMetadataAsync([_topic], Cancellation)).Topics[_topic].Partitions.Count == 3, "three partitions");
        await ProduceAsync(2, TopicData.Batch(10, 10));
        await AssertSameAsync(mirror, 3, 20);
    }

    [Fact]
    public async Task A_target_topic_with_records_of_others_is_left_alone()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await _west.CreateTopicsAsync([new NewTopic(Copy, 1)], Cancellation);
        await _west.ProduceAsync(new TopicPartition(Copy, 0), TopicData.Batch(50, 3), null, Cancellation);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await mirror.ReachesAsync(status => status.PartitionDetails.Any(p => p.State == "foreign"), "says that the topic is not its own");
        Assert.Equal(3, (await TopicData.ReadAsync(_west, new TopicPartition(Copy, 0))).Count);
    }

    [Fact]
    public async Task The_places_of_groups_are_translated_to_the_record_both_ways()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);

        // A gap on each side: an aborted transaction on the source, the markers of another start on the target.
        await TopicData.TransactAsync(_north, _topic, new TopicPartition(_topic, 0), 10, 10, commit: false);
        await mirror.KillAsync();
        await mirror.StartAgainAsync();
        await ProduceAsync(0, TopicData.Batch(20, 10));
        await AssertSameAsync(mirror, 1, 20);
        var source = await TopicData.ReadRecordsAsync(_north, new TopicPartition(_topic, 0));
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        for (var i = 3; i < 20; i += 8)
        {
            await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), source[i].Offset);
            var expected = copy[i].Offset;
            await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == expected, $"record {i}: offset {expected} on the target");
        }

        // After a failover the group reads the copy, and its place in the original follows.
        await GroupOffsetsOfTests.CommitAsync(_west, _topic, new TopicPartition(Copy, 0), copy[19].Offset + 1);
        await Eventually.HoldsAsync(
            async () => await GroupOffsetsOfTests.FetchAsync(_north, _topic, new TopicPartition(_topic, 0)) == source[19].Offset + 1, "the place behind the last record on the source");
    }

    /// <summary>What a failback looks like: the member that died with the cluster still holds its place, and the next one waits for it to be given up.</summary>
    [Fact]
    public async Task A_group_that_gathers_its_members_finds_its_place()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        await using var dead = new GroupMember(_pair.West.Bootstrap, _topic);
        await dead.JoinAsync();
        await using var next = new GroupMember(_pair.West.Bootstrap, _topic);
        var joining = next.JoinAsync();
        await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), 7);
        await Eventually.HoldsAsync(
            async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == copy[7].Offset, "the place in the copy, before anybody reads");
        Assert.False(joining.IsCompleted);
    }

    private static async Task<string> KcatAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/kcat", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private async Task CreateAsync(int partitions) => await _north.CreateTopicsAsync([new NewTopic(_topic, partitions)], Cancellation);

    private Task ProduceAsync(int partition, byte[] batch) => _north.ProduceAsync(new TopicPartition(_topic, partition), batch, null, Cancellation);

    private Task DeleteRecordsAsync(long before) => DeleteRecordsAsync(_north, new TopicPartition(_topic, 0), before);

    private static async Task DeleteRecordsAsync(ClusterClient client, TopicPartition partition, long before)
    {
        var request = new DeleteRecordsRequest { TimeoutMs = 10_000 };
        request.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic
        {
            Name = partition.Topic,
            Partitions = [new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = partition.Partition, Offset = before }],
        });
        var leader = await client.GetLeaderAsync(partition, Cancellation);
        var response = await client.SendToBrokerAsync(leader, request, Cancellation);
        Assert.Equal(Kafka.KafkaError.None, response.Topics[0].Partitions[0].ErrorCode);
    }

    private async Task CopiedAsync(MirrorChild mirror, int partitions)
    {
        await mirror.ReachesAsync(status => status.PartitionDetails.Count(p => p.SourceTopic == _topic) == partitions, $"{partitions} partitions");
        await mirror.CaughtUpAsync();
    }

    private async Task AssertSameAsync(MirrorChild mirror, int partitions, int records)
    {
        await CopiedAsync(mirror, partitions);
        var count = 0;
        for (var i = 0; i < partitions; i++)
        {
            var original = await TopicData.ReadAsync(_north, new TopicPartition(_topic, i));
            Assert.Equal(original, await TopicData.ReadAsync(_west, new TopicPartition(Copy, i)));
            count += original.Count;
        }

        Assert.Equal(records, count);
    }
}
