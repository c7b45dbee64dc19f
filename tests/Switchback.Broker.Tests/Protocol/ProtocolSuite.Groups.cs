using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Protocol;

/// <content>Groups of the classic protocol: who is in, who is out, and what becomes of their offsets.</content>
public abstract partial class ProtocolSuite
{
    [Fact]
    public async Task A_second_member_makes_the_first_join_again_and_the_leader_assigns()
    {
        await using var one = target.Client();
        await using var two = target.Client();
        var group = "group-" + Guid.NewGuid();
        var first = await JoinAndSyncAsync(one, group, sessionTimeoutMs: 60_000);
        Assert.Equal((1, first.MemberId), (first.GenerationId, first.Leader));
        var joining = JoinAsync(two, group, sessionTimeoutMs: 60_000);
        await Eventually.HoldsAsync(async () => await HeartbeatAsync(one, group, first) == KafkaError.RebalanceInProgress);
        var coordinator = await CoordinatorAsync(one, CoordinatorType.Group, group);
        var again = await coordinator.SendAsync(Join(group, first.MemberId), 9, Stop);
        var second = await joining;
        Assert.Equal((KafkaError.None, 2, 2), (again.ErrorCode, again.GenerationId, second.GenerationId));
        Assert.Equal((first.MemberId, first.MemberId), (again.Leader, second.Leader));
        Assert.Equal(new[] { first.MemberId, second.MemberId }.Order(), again.Members.Select(m => m.MemberId).Order());
        Assert.Empty(second.Members);

        var follower = SyncAsync(two, group, second);
        Assert.Equal([1], (await SyncAsync(one, group, again, (first.MemberId, [1]), (second.MemberId, [2, 2]))).Assignment.ToArray());
        Assert.Equal([2, 2], (await follower).Assignment.ToArray());
        Assert.Equal(KafkaError.None, await HeartbeatAsync(two, group, second));
        Assert.Equal(KafkaError.IllegalGeneration, await HeartbeatAsync(one, group, first));
        Assert.Equal(("Stable", 2), await StateAsync(one, group));

        var left = await coordinator.SendAsync(new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = second.MemberId }, new() { MemberId = "nobody" }] }, 5, Stop);
        Assert.Equal([KafkaError.None, KafkaError.UnknownMemberId], left.Members.Select(m => m.ErrorCode));
        Assert.Equal(KafkaError.UnknownMemberId, await HeartbeatAsync(two, group, second));
        await Eventually.HoldsAsync(async () => await HeartbeatAsync(one, group, again) == KafkaError.RebalanceInProgress);
    }

    [Fact]
    public async Task A_static_member_comes_back_without_a_rebalance_and_its_former_self_is_fenced()
    {
        await using var client = target.Client();
        var group = "group-" + Guid.NewGuid();
        var coordinator = await ReadyCoordinatorAsync(client, group);
        var request = Join(group, "");
        request.GroupInstanceId = "the-one";
        var first = await coordinator.SendAsync(request, 9, Stop);
        Assert.Equal(KafkaError.None, first.ErrorCode);
        Assert.Equal([7], (await SyncAsync(client, group, first, "the-one", (first.MemberId, [7]))).Assignment.ToArray());

        var second = await coordinator.SendAsync(request, 9, Stop);
        Assert.Equal((KafkaError.None, 1, true), (second.ErrorCode, second.GenerationId, second.SkipAssignment));
        Assert.NotEqual(first.MemberId, second.MemberId);
        Assert.Equal([7], (await SyncAsync(client, group, second, "the-one")).Assignment.ToArray());
        Assert.Equal(KafkaError.FencedInstanceId, await BeatAsync(first));
        Assert.Equal(KafkaError.None, await BeatAsync(second));

        async Task<KafkaError> BeatAsync(JoinGroupResponse member) => (await coordinator.SendAsync(
            new HeartbeatRequest { GroupId = group, GenerationId = member.GenerationId, MemberId = member.MemberId, GroupInstanceId = "the-one" }, 4, Stop)).ErrorCode;
    }

    [Fact]
    public async Task Who_does_not_fit_into_a_group_is_told_why()
    {
        await using var client = target.Client();
        var group = "group-" + Guid.NewGuid();
        var member = await JoinAndSyncAsync(client, group, sessionTimeoutMs: 60_000);
        var coordinator = await CoordinatorAsync(client, CoordinatorType.Group, group);
        Assert.Equal(KafkaError.UnknownMemberId, (await coordinator.SendAsync(Join(group, "nobody"), 9, Stop)).ErrorCode);
        var other = Join(group, "");
        other.GroupInstanceId = "other";
        other.Protocols[0].Name = "another-assignor";
        Assert.Equal(KafkaError.InconsistentGroupProtocol, (await coordinator.SendAsync(other, 9, Stop)).ErrorCode);
        other = Join(group, "");
        other.GroupInstanceId = "other";
        other.ProtocolType = "connect";
        Assert.Equal(KafkaError.InconsistentGroupProtocol, (await coordinator.SendAsync(other, 9, Stop)).ErrorCode);
        var impatient = Join(group, "");
        impatient.SessionTimeoutMs = 1;
        Assert.Equal(KafkaError.InvalidSessionTimeout, (await coordinator.SendAsync(impatient, 9, Stop)).ErrorCode);
        var stranger = new JoinGroupResponse { MemberId = "nobody", GenerationId = 1 };
        Assert.Equal(KafkaError.UnknownMemberId, await HeartbeatAsync(client, group, stranger));
        Assert.Equal(KafkaError.IllegalGeneration, await HeartbeatAsync(client, group, new JoinGroupResponse { MemberId = member.MemberId, GenerationId = 9 }));
        Assert.Equal(KafkaError.IllegalGeneration, (await SyncAsync(client, group, new JoinGroupResponse { MemberId = member.MemberId, GenerationId = 9 })).ErrorCode);
        Assert.Equal(KafkaError.UnknownMemberId, await HeartbeatAsync(client, "nothing-of-that-name-" + Guid.NewGuid(), stranger));
    }

    [Fact]
    public async Task A_group_is_listed_described_and_deleted_when_it_is_empty()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var group = "group-" + Guid.NewGuid();
        var member = await JoinAndSyncAsync(client, group, sessionTimeoutMs: 60_000);
        Assert.Equal(KafkaError.None, await CommitAsync(client, group, partition, 5, member));
        var coordinator = await CoordinatorAsync(client, CoordinatorType.Group, group);
        Assert.Equal("Stable", await ListedAsync());
        Assert.Equal("Stable", await ListedAsync("Stable"));
        Assert.Null(await ListedAsync("Empty"));
        var described = (await coordinator.SendAsync(new DescribeGroupsRequest { Groups = [group] }, 5, Stop)).Groups[0];
        Assert.Equal(("Stable", "consumer", "range"), (described.GroupState, described.ProtocolType, described.ProtocolData));
        Assert.Equal(member.MemberId, described.Members.Single().MemberId);
        Assert.NotEmpty(described.Members[0].ClientHost);
        Assert.Equal(KafkaError.NonEmptyGroup, await DeleteGroupAsync(group));

        Assert.Equal(KafkaError.None, (await coordinator.SendAsync(new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = member.MemberId }] }, 5, Stop)).ErrorCode);
        await Eventually.HoldsAsync(async () => await ListedAsync() == "Empty");
        Assert.Equal(5, await CommittedAsync(client, group, partition));
        Assert.Equal(KafkaError.None, await DeleteGroupAsync(group));
        Assert.Equal(KafkaError.GroupIdNotFound, await DeleteGroupAsync(group));
        Assert.Null(await ListedAsync());
        Assert.Equal(-1, await CommittedAsync(client, group, partition));

        async Task<string?> ListedAsync(params string[] states) =>
            (await coordinator.SendAsync(new ListGroupsRequest { StatesFilter = [.. states] }, 5, Stop)).Groups.SingleOrDefault(listed => listed.GroupId == group)?.GroupState;

        async Task<KafkaError> DeleteGroupAsync(string name) => (await coordinator.SendAsync(new DeleteGroupsRequest { GroupsNames = [name] }, 2, Stop)).Results[0].ErrorCode;
    }

    [Fact]
    public async Task An_offset_is_deleted_where_nobody_reads_its_topic()
    {
        await using var client = target.Client();
        var (read, unread) = (await TopicAsync(client), await TopicAsync(client));
        var group = "group-" + Guid.NewGuid();
        var coordinator = await ReadyCoordinatorAsync(client, group);
        var request = Join(group, "");
        request.GroupInstanceId = "the-one";
        byte[] subscription = [0, 0, 0, 0, 0, 1, 0, (byte)read.Topic.Length, .. System.Text.Encoding.ASCII.GetBytes(read.Topic), 0xff, 0xff, 0xff, 0xff];
        request.Protocols[0].Metadata = subscription;
        var member = await coordinator.SendAsync(request, 9, Stop);
        await SyncAsync(client, group, member, "the-one", (member.MemberId, [0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
        foreach (var partition in new[] { read, unread })
        {
            var commit = Commit(group, partition, 5, member);
            commit.GroupInstanceId = "the-one";
            Assert.Equal(KafkaError.None, (await coordinator.SendAsync(commit, 8, Stop)).Topics[0].Partitions[0].ErrorCode);
        }

        Assert.Equal(KafkaError.GroupSubscribedToTopic, await ForgetAsync(group, read));
        Assert.Equal(KafkaError.None, await ForgetAsync(group, unread));
        Assert.Equal((5, -1), (await CommittedAsync(client, group, read), await CommittedAsync(client, group, unread)));
        var nothing = "nothing-of-that-name-" + Guid.NewGuid();
        await ReadyCoordinatorAsync(client, nothing);
        Assert.Equal(KafkaError.GroupIdNotFound, await ForgetAsync(nothing, read));

        async Task<KafkaError> ForgetAsync(string name, TopicPartition partition)
        {
            var itsOwn = await CoordinatorAsync(client, CoordinatorType.Group, name);
            var answer = await itsOwn.SendAsync(new OffsetDeleteRequest { GroupId = name, Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition }] }] }, 0, Stop);
            return answer.ErrorCode != KafkaError.None ? answer.ErrorCode : answer.Topics[0].Partitions[0].ErrorCode;
        }
    }

    [Fact]
    public async Task Offsets_are_read_of_several_groups_and_of_all_their_topics_and_a_note_may_not_be_long()
    {
        await using var client = target.Client();
        var (one, two) = (await TopicAsync(client), await TopicAsync(client));
        var (first, second) = ("group-" + Guid.NewGuid(), "group-" + Guid.NewGuid());
        Assert.Equal(KafkaError.None, await CommitAsync(client, first, one, 1));
        Assert.Equal(KafkaError.None, await CommitAsync(client, first, two, 2));
        Assert.Equal(KafkaError.None, await CommitAsync(client, second, two, 3));
        var coordinator = await CoordinatorAsync(client, CoordinatorType.Group, first);
        var all = await coordinator.SendAsync(new OffsetFetchRequest { Groups = [new() { GroupId = first, Topics = null }] }, 9, Stop);
        Assert.Equal(
            new[] { (one.Topic, 1L), (two.Topic, 2L) }.Order(), all.Groups.Single().Topics.Select(t => (t.Name, t.Partitions.Single().CommittedOffset)).Order());
        if ((await CoordinatorAsync(client, CoordinatorType.Group, second)).Endpoint == coordinator.Endpoint)
        {
            var both = await coordinator.SendAsync(new OffsetFetchRequest { Groups = [new() { GroupId = first, Topics = null }, new() { GroupId = second, Topics = null }] }, 9, Stop);
            Assert.Equal([(first, 2), (second, 1)], both.Groups.Select(g => (g.GroupId, g.Topics.Count)));
        }

        var noted = Commit(first, one, 9, null);
        noted.Topics[0].Partitions[0].CommittedMetadata = new string('n', 5000);
        Assert.Equal(KafkaError.OffsetMetadataTooLarge, (await coordinator.SendAsync(noted, 8, Stop)).Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(1, await CommittedAsync(client, first, one));
    }

    private static JoinGroupRequest Join(string group, string member) => new()
    {
        GroupId = group,
        MemberId = member,
        SessionTimeoutMs = 60_000,
        RebalanceTimeoutMs = 60_000,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff } }],
    };

    /// <summary>A coordinator that has loaded what it is to know: a heartbeat of nobody is answered as such.</summary>
    private static async Task<KafkaConnection> ReadyCoordinatorAsync(ClusterClient client, string group)
    {
        await Eventually.HoldsAsync(async () => await HeartbeatAsync(client, group, new JoinGroupResponse { MemberId = "nobody", GenerationId = 1 }) == KafkaError.UnknownMemberId);
        return await CoordinatorAsync(client, CoordinatorType.Group, group);
    }

    private static Task<SyncGroupResponse> SyncAsync(ClusterClient client, string group, JoinGroupResponse member, params (string Member, byte[] Assignment)[] assignments) =>
        SyncAsync(client, group, member, null, assignments);

    private static async Task<SyncGroupResponse> SyncAsync(ClusterClient client, string group, JoinGroupResponse member, string? instance, params (string Member, byte[] Assignment)[] assignments)
    {
        var request = new SyncGroupRequest
        {
            GroupId = group,
            GenerationId = member.GenerationId,
            MemberId = member.MemberId,
            GroupInstanceId = instance,
            Assignments = [.. assignments.Select(a => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = a.Member, Assignment = a.Assignment })],
        };
        return await (await CoordinatorAsync(client, CoordinatorType.Group, group)).SendAsync(request, 4, Stop);
    }
}
