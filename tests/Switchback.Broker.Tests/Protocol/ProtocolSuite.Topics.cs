using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Protocol;

/// <content>Topics: made, described, changed, cut and deleted.</content>
public abstract partial class ProtocolSuite
{
    private const sbyte TopicResource = 2;
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;

    [Theory]
    [InlineData("a b", 1, 1, "", "", KafkaError.InvalidTopicException)]
    [InlineData("..", 1, 1, "", "", KafkaError.InvalidTopicException)]
    [InlineData("", 0, 1, "", "", KafkaError.InvalidPartitions)]
    [InlineData("", 1, 99, "", "", KafkaError.InvalidReplicationFactor)]
    [InlineData("", 1, 0, "", "", KafkaError.InvalidReplicationFactor)]
    [InlineData("", 1, 1, "no.such.key", "1", KafkaError.InvalidConfig)]
    [InlineData("", 1, 1, "retention.ms", "soon", KafkaError.InvalidConfig)]
    [InlineData("", 1, 1, "cleanup.policy", "burn", KafkaError.InvalidConfig)]
    public async Task A_topic_that_cannot_be_is_refused_with_its_own_error(string name, int partitions, short replicas, string key, string value, KafkaError expected)
    {
        await using var client = target.Client();
        var asked = new CreateTopicsRequest.CreatableTopic { Name = name.Length > 0 ? name : "suite-" + Guid.NewGuid(), NumPartitions = partitions, ReplicationFactor = replicas };
        if (key.Length > 0)
            asked.Configs.Add(new() { Name = key, Value = value });
        Assert.Equal(expected, await CreateAsync(client, asked));
    }

    [Fact]
    public async Task A_topic_is_made_once_and_not_at_all_where_it_is_only_validated()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var twice = new CreateTopicsRequest.CreatableTopic { Name = partition.Topic, NumPartitions = 1, ReplicationFactor = 1 };
        Assert.Equal(KafkaError.TopicAlreadyExists, await CreateAsync(client, twice));
        var other = new CreateTopicsRequest.CreatableTopic { Name = "suite-" + Guid.NewGuid(), NumPartitions = 1, ReplicationFactor = 1 };
        Assert.Equal(KafkaError.InvalidRequest, await CreateAsync(client, other, other));
        var validated = await client.SendToControllerAsync(new CreateTopicsRequest { TimeoutMs = 30_000, ValidateOnly = true, Topics = [other] }, _ => KafkaError.None, Stop);
        Assert.Equal(KafkaError.None, validated.Topics[0].ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = other.Name })).ErrorCode);
    }

    [Fact]
    public async Task A_topic_made_anew_is_another_one()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var before = (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = partition.Topic })).TopicId;
        await client.ProduceAsync(partition, Batches.Of("gone"), null, Stop);
        Assert.Equal(KafkaError.None, await DeleteAsync(client, new DeleteTopicsRequest.DeleteTopicState { Name = partition.Topic }));
        await Eventually.HoldsAsync(async () =>
            (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = partition.Topic })).ErrorCode == KafkaError.UnknownTopicOrPartition);
        Assert.Equal(KafkaError.UnknownTopicId, (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = null, TopicId = before })).ErrorCode);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, await DeleteAsync(client, new DeleteTopicsRequest.DeleteTopicState { Name = partition.Topic }));
        Assert.Equal(KafkaError.UnknownTopicId, await DeleteAsync(client, new DeleteTopicsRequest.DeleteTopicState { Name = null, TopicId = before }));

        Assert.Equal(KafkaError.None, await CreateAsync(client, new CreateTopicsRequest.CreatableTopic { Name = partition.Topic, NumPartitions = 1, ReplicationFactor = 1 }));
        await client.WaitForLeadersAsync([partition.Topic], Stop);
        Assert.Equal(0, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        var after = (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = partition.Topic })).TopicId;
        Assert.NotEqual(before, after);
        Assert.Equal(partition.Topic, (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = null, TopicId = after })).Name);
    }

    [Fact]
    public async Task A_topic_grows_and_never_shrinks()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        Assert.Equal(KafkaError.InvalidPartitions, await GrowAsync(client, partition.Topic, 1));
        Assert.Equal(KafkaError.InvalidPartitions, await GrowAsync(client, partition.Topic, 0));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, await GrowAsync(client, "nothing-of-that-name", 2));
        Assert.Equal(KafkaError.None, await GrowAsync(client, partition.Topic, 3));
        var last = new TopicPartition(partition.Topic, 2);
        await Eventually.HoldsAsync(async () => (await client.RefreshMetadataAsync([partition.Topic], Stop)).FindPartition(last) is { LeaderId: >= 0 });
        await client.ProduceAsync(last, Batches.Of("a"), null, Stop);
        Assert.Equal(["a"], await ValuesAsync(client, last));
    }

    [Fact]
    public async Task A_topics_configuration_is_changed_key_by_key_or_as_a_whole()
    {
        await using var client = target.Client();
        var topic = (await TopicAsync(client)).Topic;
        Assert.Equal(KafkaError.None, await AlterAsync(client, topic, ("retention.ms", Set, "1234567"), ("cleanup.policy", Append, "compact")));
        await DescribedAsync(client, topic, "retention.ms", "1234567", 1);
        await DescribedAsync(client, topic, "cleanup.policy", "delete,compact", 1);
        Assert.Equal(KafkaError.InvalidConfig, await AlterAsync(client, topic, ("retention.ms", Set, "soon")));
        Assert.Equal(KafkaError.InvalidConfig, await AlterAsync(client, topic, ("retention.ms", Append, "1")));
        Assert.Equal(KafkaError.InvalidConfig, await AlterAsync(client, topic, ("no.such.key", Set, "1")));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, await AlterAsync(client, "nothing-of-that-name", ("retention.ms", Set, "1")));
        Assert.Equal(KafkaError.None, await AlterAsync(client, topic, ("retention.ms", Delete, null)));
        await DescribedAsync(client, topic, "retention.ms", "604800000", 5);
        await DescribedAsync(client, topic, "cleanup.policy", "delete,compact", 1);

        // The old request replaces everything: what it does not name is back at its default.
        var whole = new AlterConfigsRequest { Resources = [new() { ResourceType = TopicResource, ResourceName = topic, Configs = [new() { Name = "max.message.bytes", Value = "54321" }] }] };
        Assert.Equal(KafkaError.None, (await client.SendToControllerAsync(whole, _ => KafkaError.None, Stop)).Responses[0].ErrorCode);
        await DescribedAsync(client, topic, "max.message.bytes", "54321", 1);
        await DescribedAsync(client, topic, "cleanup.policy", "delete", 5);
    }

    [Fact]
    public async Task The_largest_batch_a_topic_takes_is_as_its_configuration_says()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client, new Dictionary<string, string> { ["max.message.bytes"] = "1000" });
        Assert.Equal(KafkaError.MessageTooLarge, await ProduceOnceAsync(client, partition, Batches.Of(new string('x', 2000))));
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.Of("small")));
    }

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset_and_no_further()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        for (var i = 0; i < 5; i++)
            await client.ProduceAsync(partition, Batches.Of($"v{i}"), null, Stop);
        Assert.Equal((KafkaError.OffsetOutOfRange, -1), await CutAsync(client, partition, 6));
        Assert.Equal((KafkaError.None, 2), await CutAsync(client, partition, 2));
        Assert.Equal((KafkaError.None, 2), await CutAsync(client, partition, 1));
        Assert.Equal(2, (await client.ListOffsetsAsync([partition], OffsetPlace.Earliest, IsolationLevel.ReadUncommitted, Stop))[partition].Offset);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var below = (await connection.SendAsync(Fetch(partition.Topic, 0, 1), 12, Stop)).Responses[0].Partitions[0];
        Assert.Equal(KafkaError.OffsetOutOfRange, below.ErrorCode);
        var from = (await connection.SendAsync(Fetch(partition.Topic, 0, 2), 12, Stop)).Responses[0].Partitions[0];
        Assert.Equal((KafkaError.None, 2, 5), (from.ErrorCode, from.LogStartOffset, from.HighWatermark));
        Assert.Equal((KafkaError.None, 5), await CutAsync(client, partition, -1));
        Assert.Equal(5, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        Assert.Equal(5, (await client.ProduceAsync(partition, Batches.Of("next"), null, Stop)).BaseOffset);
    }

    [Fact]
    public async Task Offsets_are_found_by_place_and_by_time()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Assert.Equal((0L, -1L), await ListedAsync(OffsetPlace.Latest));
        Assert.Equal((-1L, -1L), await ListedAsync(OffsetPlace.MaxTimestamp));
        foreach (var (back, value) in new[] { (3000, "a"), (1000, "b"), (2000, "c") })
            await client.ProduceAsync(partition, Batches.At(now - back, value), null, Stop);
        Assert.Equal((0L, -1L), await ListedAsync(OffsetPlace.Earliest));
        Assert.Equal((3L, -1L), await ListedAsync(OffsetPlace.Latest));
        Assert.Equal((1L, now - 1000), await ListedAsync(OffsetPlace.MaxTimestamp));
        Assert.Equal((0L, now - 3000), await ListedAsync(now - 5000));
        Assert.Equal((0L, now - 3000), await ListedAsync(now - 3000));
        Assert.Equal((1L, now - 1000), await ListedAsync(now - 2999));
        Assert.Equal((-1L, -1L), await ListedAsync(now));
        await CutAsync(client, partition, 2);
        Assert.Equal((2L, now - 2000), await ListedAsync(now - 5000));

        async Task<(long, long)> ListedAsync(long timestamp)
        {
            var listed = (await client.ListOffsetsAsync([partition], timestamp, IsolationLevel.ReadUncommitted, Stop))[partition];
            return (listed.Offset, listed.Timestamp);
        }
    }

    [Fact]
    public async Task Descriptions_come_in_pages_and_agree_with_the_metadata()
    {
        await using var client = target.Client();
        var topic = (await TopicAsync(client)).Topic;
        Assert.Equal(KafkaError.None, await GrowAsync(client, topic, 3));
        await Eventually.HoldsAsync(async () => (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = topic })).Partitions is { Count: 3 } all && all.TrueForAll(p => p.LeaderId >= 0));
        var metadata = await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = topic });
        var first = await client.SendToAnyAsync(new DescribeTopicPartitionsRequest { Topics = [new() { Name = topic }], ResponsePartitionLimit = 2 }, Stop);
        Assert.Equal([0, 1], first.Topics.Single().Partitions.Select(p => p.PartitionIndex));
        Assert.Equal((topic, 2), (first.NextCursor!.TopicName, first.NextCursor.PartitionIndex));
        var rest = await client.SendToAnyAsync(
            new DescribeTopicPartitionsRequest { Topics = [new() { Name = topic }], ResponsePartitionLimit = 2, Cursor = new() { TopicName = topic, PartitionIndex = 2 } }, Stop);
        Assert.Equal([2], rest.Topics.Single().Partitions.Select(p => p.PartitionIndex));
        Assert.Null(rest.NextCursor);
        Assert.Equal(metadata.TopicId, rest.Topics[0].TopicId);
        Assert.Equal(
            metadata.Partitions.OrderBy(p => p.PartitionIndex).Select(p => (p.LeaderId, p.LeaderEpoch)),
            first.Topics[0].Partitions.Concat(rest.Topics[0].Partitions).Select(p => (p.LeaderId, p.LeaderEpoch)));
        var unknown = await client.SendToAnyAsync(new DescribeTopicPartitionsRequest { Topics = [new() { Name = "nothing-of-that-name" }], ResponsePartitionLimit = 2 }, Stop);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, unknown.Topics.Single().ErrorCode);

        var cluster = await client.SendToAnyAsync(new DescribeClusterRequest(), Stop);
        var all = await client.SendToAnyAsync(new MetadataRequest { Topics = null }, Stop);
        Assert.Equal(all.ClusterId, cluster.ClusterId);
        Assert.Equal(all.Brokers.Select(b => (b.NodeId, b.Host, b.Port)).Order(), cluster.Brokers.Select(b => (b.BrokerId, b.Host, b.Port)).Order());
        Assert.Contains(topic, all.Topics.Select(t => t.Name));
    }

    [Fact]
    public async Task Who_asks_for_a_topic_that_is_not_there_gets_it_made_where_they_allow_it()
    {
        await using var client = target.Client();
        var name = "suite-" + Guid.NewGuid();
        Assert.Equal(KafkaError.UnknownTopicOrPartition, (await MetadataOfAsync(client, new MetadataRequest.MetadataRequestTopic { Name = name })).ErrorCode);
        var asking = new MetadataRequest { Topics = [new() { Name = name }], AllowAutoTopicCreation = true };
        await Eventually.HoldsAsync(async () => (await client.SendToAnyAsync(asking, Stop)).Topics[0] is { ErrorCode: KafkaError.None, Partitions.Count: > 0 });
        Assert.Equal(0, (await client.ProduceAsync(new TopicPartition(name, 0), Batches.Of("a"), null, Stop)).BaseOffset);
        Assert.Equal(KafkaError.InvalidTopicException, (await client.SendToAnyAsync(new MetadataRequest { Topics = [new() { Name = "a b" }] }, Stop)).Topics[0].ErrorCode);
    }

    private static async Task<KafkaError> CreateAsync(ClusterClient client, params CreateTopicsRequest.CreatableTopic[] topics) =>
        (await client.SendToControllerAsync(new CreateTopicsRequest { TimeoutMs = 30_000, Topics = [.. topics] }, _ => KafkaError.None, Stop)).Topics[0].ErrorCode;

    [Fact]
    public async Task Access_control_is_off_and_says_so()
    {
        await using var client = target.Client();
        const sbyte any = 1;
        const sbyte allow = 3;
        var described = await client.SendToAnyAsync(
            new DescribeAclsRequest { ResourceTypeFilter = any, ResourceNameFilter = null, PatternTypeFilter = any, PrincipalFilter = null, HostFilter = null, Operation = any, PermissionType = any }, Stop);
        Assert.Equal(KafkaError.SecurityDisabled, described.ErrorCode);
        var create = new CreateAclsRequest { Creations = [new() { ResourceType = TopicResource, ResourceName = "t", Principal = "User:a", Host = "*", Operation = allow, PermissionType = allow }] };
        Assert.Equal([KafkaError.SecurityDisabled], (await client.SendToControllerAsync(create, _ => KafkaError.None, Stop)).Results.Select(result => result.ErrorCode));
        var delete = new DeleteAclsRequest
        {
            Filters = [new() { ResourceTypeFilter = any, ResourceNameFilter = null, PatternTypeFilter = any, PrincipalFilter = null, HostFilter = null, Operation = any, PermissionType = any }],
        };
        Assert.Equal([KafkaError.SecurityDisabled], (await client.SendToControllerAsync(delete, _ => KafkaError.None, Stop)).FilterResults.Select(result => result.ErrorCode));
    }

    private static async Task<KafkaError> DeleteAsync(ClusterClient client, DeleteTopicsRequest.DeleteTopicState topic) =>
        (await client.SendToControllerAsync(new DeleteTopicsRequest { TimeoutMs = 30_000, Topics = [topic] }, _ => KafkaError.None, Stop)).Responses[0].ErrorCode;

    private static async Task<KafkaError> GrowAsync(ClusterClient client, string topic, int count) =>
        (await client.SendToControllerAsync(new CreatePartitionsRequest { TimeoutMs = 30_000, Topics = [new() { Name = topic, Count = count, Assignments = null }] }, _ => KafkaError.None, Stop)).Results[0].ErrorCode;

    private static async Task<KafkaError> AlterAsync(ClusterClient client, string topic, params (string Key, sbyte Operation, string? Value)[] changes)
    {
        var request = new IncrementalAlterConfigsRequest
        {
            Resources = [new() { ResourceType = TopicResource, ResourceName = topic, Configs = [.. changes.Select(c => new IncrementalAlterConfigsRequest.AlterableConfig { Name = c.Key, ConfigOperation = c.Operation, Value = c.Value })] }],
        };
        return (await client.SendToControllerAsync(request, _ => KafkaError.None, Stop)).Responses[0].ErrorCode;
    }

    private static async Task DescribedAsync(ClusterClient client, string topic, string key, string value, sbyte source)
    {
        var request = new DescribeConfigsRequest { Resources = [new() { ResourceType = TopicResource, ResourceName = topic, ConfigurationKeys = [key] }] };
        (string?, sbyte) seen = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                var config = (await client.SendToAnyAsync(request, Stop)).Results[0].Configs.Single();
                return (seen = (config.Value, config.ConfigSource)) == (value, source);
            },
            $"{key} is {value} from {source}",
            () => Task.FromResult(seen.ToString()));
    }

    private static async Task<(KafkaError Error, long Start)> CutAsync(ClusterClient client, TopicPartition partition, long offset)
    {
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var request = new DeleteRecordsRequest { TimeoutMs = 30_000, Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition, Offset = offset }] }] };
        var answer = (await connection.SendAsync(request, Stop)).Topics[0].Partitions[0];
        return (answer.ErrorCode, answer.LowWatermark);
    }

    private static async Task<MetadataResponse.MetadataResponseTopic> MetadataOfAsync(ClusterClient client, MetadataRequest.MetadataRequestTopic topic) =>
        (await client.SendToAnyAsync(new MetadataRequest { Topics = [topic], AllowAutoTopicCreation = false }, Stop)).Topics[0];
}
