using Switchback.Broker.Groups;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Tests.Groups;

public class GroupTests
{
    [Fact]
    public async Task The_first_member_leads_and_assigns()
    {
        var test = new GroupUnderTest();
        var joined = await test.Join();
        Assert.Equal((KafkaError.None, 1, joined.MemberId, "range"), (joined.ErrorCode, joined.GenerationId, joined.Leader, joined.ProtocolName));
        var synced = await test.Sync(joined, (joined.MemberId, "all"));
        Assert.Equal("all"u8.ToArray(), synced.Assignment.ToArray());
        Assert.Equal(GroupState.Stable, test.Group.State);
        Assert.Equal(KafkaError.None, test.Beat(joined));
    }

    [Fact]
    public async Task The_first_members_wait_for_each_other()
    {
        var test = new GroupUnderTest(initialDelay: TimeSpan.FromSeconds(3));
        var first = test.Join();
        test.Time.Advance(TimeSpan.FromSeconds(2));
        var second = test.Join();
        test.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(first.IsCompleted, "a member that came during the delay prolongs it");
        test.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((await first).GenerationId, (await second).GenerationId);
        Assert.Equal(2, (await first).Members.Count);
        Assert.Empty((await second).Members);
    }

    [Fact]
    public async Task A_new_member_makes_the_others_join_again()
    {
        var test = new GroupUnderTest();
        var first = await test.StableAsync();
        var second = test.Join();
        Assert.False(second.IsCompleted);
        Assert.Equal(KafkaError.RebalanceInProgress, test.Beat(first));
        var again = test.Join(first.MemberId);
        Assert.Equal((2, 2), ((await again).GenerationId, (await second).GenerationId));
        var follower = test.Sync(await second);
        Assert.False(follower.IsCompleted, "a follower waits for the leader's assignment");
        await test.Sync(await again, (first.MemberId, "one"), ((await second).MemberId, "two"));
        Assert.Equal("two"u8.ToArray(), (await follower).Assignment.ToArray());
        Assert.Equal(KafkaError.IllegalGeneration, test.Beat(first));
    }

    [Fact]
    public async Task Who_does_not_join_again_in_time_is_out()
    {
        var test = new GroupUnderTest();
        var first = await test.StableAsync();
        var second = test.Join();
        for (var beat = 0; beat < 12; beat++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(5.01));
            test.Beat(first);
        }

        Assert.Equal((KafkaError.None, (await second).MemberId), ((await second).ErrorCode, (await second).Leader));
        Assert.Equal(KafkaError.UnknownMemberId, test.Beat(first));
    }

    [Fact]
    public async Task Silence_ends_a_membership_after_the_session_timeout_and_not_before()
    {
        var test = new GroupUnderTest();
        var joined = await test.StableAsync();
        test.Time.Advance(GroupUnderTest.SessionTimeout - TimeSpan.FromMilliseconds(10));
        Assert.Equal(KafkaError.None, test.Beat(joined));
        test.Time.Advance(GroupUnderTest.SessionTimeout - TimeSpan.FromMilliseconds(10));
        Assert.Equal(GroupState.Stable, test.Group.State);
        test.Time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(GroupState.Empty, test.Group.State);
        Assert.Equal(KafkaError.UnknownMemberId, test.Beat(joined));
    }

    [Fact]
    public async Task A_member_that_died_with_the_cluster_keeps_its_place_for_its_session_timeout()
    {
        var test = new GroupUnderTest();
        test.Group.Restore(new GroupMetadataValue
        {
            ProtocolType = "consumer",
            Protocol = "range",
            Generation = 7,
            Leader = "dead",
            Members = [new() { MemberId = "dead", ClientId = "c", ClientHost = "/h", SessionTimeout = 45_000, RebalanceTimeout = 300_000 }],
        });
        test.Group.StartSessions();
        var newcomer = test.Join();
        test.Time.Advance(TimeSpan.FromSeconds(44.9));
        Assert.False(newcomer.IsCompleted, "the dead member still holds its place");
        test.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(newcomer.IsCompleted);
        Assert.Equal((KafkaError.None, 8), ((await newcomer).ErrorCode, (await newcomer).GenerationId));
    }

    [Fact]
    public async Task A_new_dynamic_member_first_gets_an_id()
    {
        var test = new GroupUnderTest();
        var refused = await test.Join(idRequired: true);
        Assert.Equal(KafkaError.MemberIdRequired, refused.ErrorCode);
        Assert.StartsWith("client-", refused.MemberId, StringComparison.Ordinal);
        var joined = await test.Join(refused.MemberId, idRequired: true);
        Assert.Equal((KafkaError.None, refused.MemberId), (joined.ErrorCode, joined.MemberId));
        Assert.Equal(KafkaError.UnknownMemberId, (await test.Join("invented", idRequired: true)).ErrorCode);
    }

    [Fact]
    public async Task An_id_not_claimed_in_time_is_forgotten()
    {
        var test = new GroupUnderTest();
        var refused = await test.Join(idRequired: true);
        test.Time.Advance(GroupUnderTest.SessionTimeout + TimeSpan.FromMilliseconds(1));
        Assert.Equal(KafkaError.UnknownMemberId, (await test.Join(refused.MemberId, idRequired: true)).ErrorCode);
    }

    [Fact]
    public async Task A_static_member_comes_back_without_a_rebalance_and_its_former_self_is_fenced()
    {
        var test = new GroupUnderTest();
        var first = await test.StableAsync(instanceId: "pod-0");
        var back = await test.Join(instanceId: "pod-0");
        Assert.Equal((KafkaError.None, first.GenerationId), (back.ErrorCode, back.GenerationId));
        Assert.NotEqual(first.MemberId, back.MemberId);
        Assert.Equal(GroupState.Stable, test.Group.State);
        Assert.Equal("all"u8.ToArray(), (await test.Sync(back)).Assignment.ToArray());
        Assert.Equal(KafkaError.FencedInstanceId, test.Beat(first, "pod-0"));
    }

    [Fact]
    public async Task The_protocol_most_members_like_best_wins()
    {
        var test = new GroupUnderTest(initialDelay: TimeSpan.FromSeconds(1));
        var joins = new[] { test.Join(protocols: ["a", "b"]), test.Join(protocols: ["b", "a"]), test.Join(protocols: ["b", "a", "c"]) };
        test.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("b", (await joins[0]).ProtocolName);
        Assert.Equal(KafkaError.InconsistentGroupProtocol, (await test.Join(protocols: ["c"])).ErrorCode);
    }

    [Fact]
    public async Task An_assignment_that_cannot_be_kept_is_not_handed_out()
    {
        var test = new GroupUnderTest();
        var joined = await test.Join();
        test.LogFailure = KafkaError.CoordinatorNotAvailable;
        Assert.Equal(KafkaError.CoordinatorNotAvailable, (await test.Sync(joined, (joined.MemberId, "all"))).ErrorCode);
        Assert.Equal(GroupState.PreparingRebalance, test.Group.State);
    }

    [Fact]
    public async Task Leaving_empties_the_group_and_only_an_empty_one_is_deleted()
    {
        var test = new GroupUnderTest();
        var joined = await test.StableAsync();
        Assert.Equal(KafkaError.NonEmptyGroup, test.Group.Delete());
        Assert.Equal(KafkaError.None, test.Group.Leave(joined.MemberId, null));
        Assert.Equal((GroupState.Empty, 2), (test.Group.State, test.Group.Generation));
        Assert.Equal(KafkaError.None, test.Group.Delete());
        Assert.Equal(GroupState.Dead, test.Group.State);
    }

    [Fact]
    public async Task Commits_are_taken_from_members_and_into_empty_groups()
    {
        var test = new GroupUnderTest();
        Assert.Equal(KafkaError.None, test.Group.CheckCommit("", null, -1, transactional: false));
        var joined = await test.StableAsync();
        Assert.Equal(KafkaError.UnknownMemberId, test.Group.CheckCommit("", null, -1, transactional: false));
        Assert.Equal(KafkaError.None, test.Group.CheckCommit("", null, -1, transactional: true));
        Assert.Equal(KafkaError.None, test.Group.CheckCommit(joined.MemberId, null, joined.GenerationId, transactional: false));
        Assert.Equal(KafkaError.IllegalGeneration, test.Group.CheckCommit(joined.MemberId, null, 9, transactional: false));
    }

    [Fact]
    public void Offsets_of_a_transaction_count_when_it_is_committed()
    {
        var test = new GroupUnderTest();
        var partition = new TopicPartition("t", 0);
        KeyValuePair<TopicPartition, CommittedOffset>[] five = [new(partition, new CommittedOffset(5, -1, "", 0))];
        test.Group.TakeUndecided(1, five);
        Assert.True(test.Group.HasUndecided(partition));
        Assert.Null(test.Group.OffsetOf(partition));
        test.Group.Decide(1, commit: false);
        Assert.Null(test.Group.OffsetOf(partition));
        test.Group.TakeUndecided(1, five);
        test.Group.Decide(1, commit: true);
        Assert.Equal(5, test.Group.OffsetOf(partition)?.Offset);
    }
}
