using Switchback.Broker.Groups;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Tests.Groups;

/// <summary>A group on a clock of its own that keeps what it would write to its log in memory.</summary>
internal sealed class GroupUnderTest : IGroupLog
{
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    public GroupUnderTest(TimeSpan initialDelay = default)
    {
        var settings = new GroupSettings(initialDelay, TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(30), 10, 4096);
        Group = new Group("g", settings, this, Time);
    }

    public ManualTime Time { get; } = new();

    public Group Group { get; }

    public KafkaError LogFailure { get; set; }

    public int Saves { get; private set; }

    public Task<JoinGroupResponse> Join(string memberId = "", string? instanceId = null, string metadata = "m", bool idRequired = false, params string[] protocols) =>
        Group.JoinAsync(
            new JoinGroupRequest
            {
                GroupId = "g",
                MemberId = memberId,
                GroupInstanceId = instanceId,
                SessionTimeoutMs = (int)SessionTimeout.TotalMilliseconds,
                RebalanceTimeoutMs = 60_000,
                ProtocolType = "consumer",
                Protocols = [.. (protocols.Length > 0 ? protocols : ["range"]).Select(p => new JoinGroupRequest.JoinGroupRequestProtocol
                {
                    Name = p,
                    Metadata = System.Text.Encoding.UTF8.GetBytes(metadata),
                })],
            },
            "client", "/127.0.0.1", idRequired);

    public Task<SyncGroupResponse> Sync(JoinGroupResponse joined, params (string Member, string Assignment)[] assignments) => Group.SyncAsync(new SyncGroupRequest
    {
        GroupId = "g",
        GenerationId = joined.GenerationId,
        MemberId = joined.MemberId,
        Assignments = [.. assignments.Select(a => new SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = a.Member,
            Assignment = System.Text.Encoding.UTF8.GetBytes(a.Assignment),
        })],
    });

    public KafkaError Beat(JoinGroupResponse joined, string? instanceId = null) => Group.Heartbeat(
        new HeartbeatRequest { GroupId = "g", GenerationId = joined.GenerationId, MemberId = joined.MemberId, GroupInstanceId = instanceId });

    /// <summary>A group with one member that has its assignment.</summary>
    public async Task<JoinGroupResponse> StableAsync(string? instanceId = null)
    {
        var joined = await Join(instanceId: instanceId);
        var synced = await Sync(joined, (joined.MemberId, "all"));
        Assert.Equal(KafkaError.None, synced.ErrorCode);
        return joined;
    }

    public KafkaError Save(Group group, IReadOnlyCollection<GroupMember> members)
    {
        Saves++;
        return LogFailure;
    }

    public KafkaError Save(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets) => LogFailure;

    public KafkaError Forget(string group, IReadOnlyCollection<TopicPartition> offsets) => LogFailure;

    public KafkaError Forget(string group) => LogFailure;
}
