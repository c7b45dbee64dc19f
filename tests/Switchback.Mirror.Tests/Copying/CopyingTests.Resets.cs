using System.Text;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Tests.Copying;

/// <content>One side is no longer what it was.</content>
public abstract partial class CopyingTests
{
    private const sbyte TopicResource = 2;

    [Fact]
    public async Task A_topic_created_again_is_shown_and_copied_behind_the_old_one()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);
        await _north.DeleteTopicsAsync([_topic], Cancellation);
        await Eventually.HoldsAsync(async () => !(await _north.RefreshMetadataAsync(null, Cancellation)).Topics.ContainsKey(_topic), "deleted");
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(100, 10));
        await mirror.ReachesAsync(status => status.Cuts.Any(cut => cut is { FromOffset: 0, ToOffset: 10, NewTopic: true }), "says that the topic is another one");
        Assert.Contains("was deleted and created again; the copies of 0 to 9 stay", await mirror.TableAsync(), StringComparison.Ordinal);
        await mirror.KillAsync();
        await mirror.StartAgainAsync();
        await ProduceAsync(0, TopicData.Batch(110, 5));
        await CopiedAsync(mirror, 1);
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        Assert.Equal([.. Numbers(0, 10), .. Numbers(100, 15)], copy.Select(TopicData.Describe));
        await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), 12);
        await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == copy[22].Offset, "the place among the new records");
    }

    /// <summary>What a machine loses with its power: the end of a log that was not on its disk yet. Its offsets are given to other records then.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_source_that_lost_its_tail_is_copied_on_from_where_it_differs(bool mirrorRuns)
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await ProduceAsync(0, TopicData.Batch(10, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);
        if (!mirrorRuns)
            await mirror.KillAsync();
        await _pair.North.KillAsync();
        await KeepFirstBatchAsync();
        await _pair.North.StartAsync();
        await ProduceAsync(0, TopicData.Batch(100, 7));
        if (!mirrorRuns)
            await mirror.StartAgainAsync();
        await mirror.ReachesAsync(status => status.Cuts.Any(cut => cut is { FromOffset: 10, ToOffset: 20, NewTopic: false }), "says what the source lost");
        await CopiedAsync(mirror, 1);
        await ProduceAsync(0, TopicData.Batch(107, 20));
        await CopiedAsync(mirror, 1);
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        Assert.Equal([.. Numbers(0, 20), .. Numbers(100, 27)], copy.Select(TopicData.Describe));
        await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), 12);
        await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == copy[22].Offset, "the place among the new records");
    }

    [Fact]
    public async Task A_copy_that_was_emptied_is_filled_on_from_where_it_was()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        for (var start = 0; start < 3; start++)
        {
            var copy = new TopicPartition(Copy, 0);
            var end = (await _west.ListOffsetsAsync([copy], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Cancellation))[copy].Offset;
            await DeleteRecordsAsync(_west, copy, end);
            await mirror.KillAsync();
            await mirror.StartAgainAsync();
            await CopiedAsync(mirror, 1);
        }

        await ProduceAsync(0, TopicData.Batch(10, 5));
        await CopiedAsync(mirror, 1);
        Assert.Equal(Numbers(10, 5), await TopicData.ReadAsync(_west, new TopicPartition(Copy, 0)));
        Assert.Empty((await mirror.StatusAsync()).Cuts);
    }

    [Fact]
    public async Task A_copy_that_was_deleted_is_made_again()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        await _west.DeleteTopicsAsync([Copy], Cancellation);
        await mirror.ReachesAsync(status => status.Restarts > 0, "notices");
        await ProduceAsync(0, TopicData.Batch(10, 5));
        await AssertSameAsync(mirror, 1, 15);
    }

    [Fact]
    public async Task The_settings_of_a_topic_follow_the_source()
    {
        await CreateAsync(1);
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        await CopiedAsync(mirror, 1);
        await SetAsync("retention.ms", "86400000");
        await Eventually.HoldsAsync(async () => await SettingAsync("retention.ms") == "86400000", "set on the copy");
        await SetAsync("retention.ms", null);
        await Eventually.HoldsAsync(async () => await SettingAsync("retention.ms") != "86400000", "taken back on the copy");
    }

    /// <summary>The places that the copies' readers have are only moved forward, so the mirror must know that this one was put back.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_group_that_is_put_back_on_the_source_is_put_back_on_the_target(bool mirrorRuns)
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        await CommitAndFollowAsync(8);
        if (!mirrorRuns)
        {
            await KnownAsync(_west, "north-west", $"@{_topic}/0/{_topic}", $"8 {copy[8].Offset}");
            await KnownAsync(_north, "west-north", $"@{Copy}/0/{_topic}", $"{copy[8].Offset} 8");
            await mirror.KillAsync();
        }

        await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), 3);
        if (!mirrorRuns)
            await mirror.StartAgainAsync();
        await CommitAndFollowAsync(3);
        await CommitAndFollowAsync(5);

        async Task CommitAndFollowAsync(int place)
        {
            await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), place);
            await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == copy[place].Offset, $"the twin at record {place}");
        }
    }

    [Fact]
    public async Task A_group_with_members_on_both_sides_is_shown_and_left_alone()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await CopiedAsync(mirror, 1);
        await GroupOffsetsOfTests.CommitAsync(_north, _topic, new TopicPartition(_topic, 0), 3);
        var copy = await TopicData.ReadRecordsAsync(_west, new TopicPartition(Copy, 0));
        await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)) == copy[3].Offset, "in step while nobody is there");
        await using var here = new GroupMember(_pair.North.Bootstrap, _topic);
        await using var there = new GroupMember(_pair.West.Bootstrap, _topic);
        await here.JoinAsync();
        await there.JoinAsync();
        await here.CommitAsync(new TopicPartition(_topic, 0), 7);
        await mirror.ReachesAsync(status => status.Conflicts.Contains(_topic) && status.GroupsBehind == 1, "shows the conflict");
        Assert.Equal(copy[3].Offset, await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)));
        Assert.Contains($"conflict: group {_topic} has members on both sides", await mirror.TableAsync(), StringComparison.Ordinal);
        await there.LeaveAsync();
        await mirror.ReachesAsync(status => status.Conflicts.Count == 0 && status.GroupsBehind == 0, "in step once nobody is in the twin");
        Assert.Equal(copy[7].Offset, await GroupOffsetsOfTests.FetchAsync(_west, _topic, new TopicPartition(Copy, 0)));
    }

    /// <summary>Of a thousand starts, each of which leaves a marker, no more breakpoints are kept than there are runs of records.</summary>
    [Fact]
    public async Task Breakpoints_that_lead_to_no_record_are_taken_back()
    {
        await CreateAsync(1);
        await ProduceAsync(0, TopicData.Batch(0, 10));
        await using var mirror = await MirrorChild.StartAsync(_pair, _topic);
        for (var start = 0; start < 4; start++)
        {
            await CopiedAsync(mirror, 1);
            await mirror.KillAsync();
            await mirror.StartAgainAsync();
        }

        await CopiedAsync(mirror, 1);
        Assert.Equal(2, (await OffsetsTopicAsync(_west, "north-west")).Count);
    }

    /// <summary>What compaction would leave of a link's offsets topic.</summary>
    private async Task<IReadOnlyDictionary<string, string>> OffsetsTopicAsync(ClusterClient cluster, string link)
    {
        var kept = new Dictionary<string, string>();
        foreach (var record in await TopicData.ReadRecordsAsync(cluster, new TopicPartition($"switchback.{link}-{_topic}.offsets", 0)))
        {
            var key = Encoding.UTF8.GetString(record.Key.GetValueOrDefault().Span);
            if (record.Value is { } value)
                kept[key] = Encoding.UTF8.GetString(value.Span);
            else
                kept.Remove(key);
        }

        return kept;
    }

    private Task KnownAsync(ClusterClient cluster, string link, string key, string value) =>
        Eventually.HoldsAsync(async () => (await OffsetsTopicAsync(cluster, link)).GetValueOrDefault(key) == value, $"link {link} keeps {key} {value}");

    private static List<string> Numbers(int first, int count)
    {
        RecordBatchReader.TryReadBatch(TopicData.Batch(first, count), out var batch);
        return [.. batch.ReadRecords().Select(TopicData.Describe)];
    }

    /// <summary>Cuts the log's file behind its first batch, while nobody has it open.</summary>
    private async Task KeepFirstBatchAsync()
    {
        var folder = Directory.EnumerateDirectories(_pair.North.DataDirectory, _topic + "-0", SearchOption.AllDirectories).Single();
        var log = Directory.EnumerateFiles(folder, "*.log").Single();
        RecordBatchReader.TryReadBatch(await File.ReadAllBytesAsync(log, Cancellation), out var first);
        using var file = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, first.Bytes.Length);
    }

    private async Task SetAsync(string name, string? value)
    {
        var request = new IncrementalAlterConfigsRequest();
        request.Resources.Add(new IncrementalAlterConfigsRequest.AlterConfigsResource
        {
            ResourceType = TopicResource,
            ResourceName = _topic,
            Configs = [new IncrementalAlterConfigsRequest.AlterableConfig { Name = name, ConfigOperation = (sbyte)(value is null ? 1 : 0), Value = value }],
        });
        var response = await _north.SendToControllerAsync(request, r => r.Responses[0].ErrorCode, Cancellation);
        Assert.Equal(Kafka.KafkaError.None, response.Responses[0].ErrorCode);
    }

    private async Task<string?> SettingAsync(string name)
    {
        var request = new DescribeConfigsRequest();
        request.Resources.Add(new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = TopicResource, ResourceName = Copy, ConfigurationKeys = [name] });
        return (await _west.SendToAnyAsync(request, Cancellation)).Results[0].Configs.Find(setting => setting.Name == name)?.Value;
    }
}
