using Switchback.Broker.Groups;
using Switchback.Kafka;

namespace Switchback.Broker.Tests.Groups;

/// <summary>What is forgotten of a group that nobody uses, and what never is.</summary>
public class ExpiryTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);
    private static readonly byte[] ReadsTopic = [0, 1, 0, 0, 0, 1, 0, 1, (byte)'t', 0xff, 0xff, 0xff, 0xff];

    [Fact]
    public void Offsets_without_members_age_from_their_commit()
    {
        var test = new GroupUnderTest();
        test.Group.Commit([Offset("t", 0, at: 0), Offset("t", 1, at: Minutes(5))]);
        Assert.False(test.Group.Expire(Minutes(9), Retention));
        Assert.Equal(2, test.Group.Offsets().Count);
        Assert.False(test.Group.Expire(Minutes(10), Retention));
        Assert.Equal(1, Assert.Single(test.Group.Offsets()).Key.Partition);
        Assert.True(test.Group.Expire(Minutes(15), Retention));
        Assert.Equal(GroupState.Dead, test.Group.State);
    }

    [Fact]
    public async Task Offsets_of_a_group_age_from_when_its_last_member_left()
    {
        var test = new GroupUnderTest();
        var joined = await test.StableAsync();
        test.Group.Commit([Offset("t", 0, at: 0)]);
        Assert.False(test.Group.Expire(Minutes(1000), Retention), "members of another protocol say nothing about what they read");
        test.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(KafkaError.None, test.Group.Leave(joined.MemberId, null));
        Assert.False(test.Group.Expire(Minutes(10), Retention));
        Assert.Single(test.Group.Offsets());
        Assert.True(test.Group.Expire(Minutes(10) + 9000, Retention));
    }

    [Fact]
    public async Task A_living_groups_offsets_stay_for_the_topics_it_reads()
    {
        var test = new GroupUnderTest();
        var joined = await test.Join(metadata: System.Text.Encoding.Latin1.GetString(ReadsTopic[..9]));
        await test.Sync(joined, (joined.MemberId, "all"));
        test.Group.Commit([Offset("t", 0, at: 0), Offset("other", 0, at: 0)]);
        Assert.False(test.Group.Expire(Minutes(11), Retention));
        Assert.Equal("t", Assert.Single(test.Group.Offsets()).Key.Topic);
    }

    [Fact]
    public void What_a_transaction_may_still_commit_stays()
    {
        var test = new GroupUnderTest();
        test.Group.Commit([Offset("t", 0, at: 0)]);
        test.Group.TakeUndecided(7, [Offset("t", 0, at: 0)]);
        Assert.False(test.Group.Expire(Minutes(11), Retention));
        Assert.Single(test.Group.Offsets());
        test.Group.Decide(7, commit: false);
        Assert.True(test.Group.Expire(Minutes(11), Retention));
    }

    [Fact]
    public async Task Of_a_group_that_was_only_asked_for_nothing_stays()
    {
        var test = new GroupUnderTest();
        await test.Join(idRequired: true);
        Assert.False(test.Group.Expire(0, Retention), "the member may come with the id it was given");
        test.Time.Advance(GroupUnderTest.SessionTimeout);
        Assert.True(test.Group.Expire(0, Retention));
        Assert.Equal(KafkaError.CoordinatorNotAvailable, test.Group.Commit([Offset("t", 0, at: 0)]));
    }

    private static long Minutes(int minutes) => minutes * 60_000L;

    private static KeyValuePair<TopicPartition, CommittedOffset> Offset(string topic, int partition, long at) =>
        new(new TopicPartition(topic, partition), new CommittedOffset(1, -1, "", at));
}
