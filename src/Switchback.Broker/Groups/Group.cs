using Switchback.Kafka;

namespace Switchback.Broker.Groups;

/// <summary>
/// A consumer group of the classic protocol: who is in it, how far a rebalance is, and what was committed. The rules are those of Apache Kafka's group coordinator.
/// All members take the group's own lock; nothing outside is called under it but the log and timers.
/// </summary>
internal sealed partial class Group(string id, GroupSettings settings, IGroupLog log, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GroupMember> _members = new(StringComparer.Ordinal);

    /// <summary>Member ids handed out whose owners have not come back with them yet.</summary>
    private readonly Dictionary<string, ITimer> _pending = new(StringComparer.Ordinal);

    /// <summary>Runs out when a rebalance waited long enough for members to join, or afterwards to fetch their assignment.</summary>
    private ITimer? _rebalance;

    public string Id { get; } = id;

    public GroupState State { get; private set; }

    public int Generation { get; private set; }

    public string? ProtocolType { get; private set; }

    public string? ProtocolName { get; private set; }

    public string? LeaderId { get; private set; }

    /// <summary>Runs something on the group while nothing else does.</summary>
    public T Read<T>(Func<Group, IReadOnlyCollection<GroupMember>, T> look)
    {
        lock (_gate)
            return look(this, _members.Values);
    }

    public void Dispose()
    {
        lock (_gate)
            StopTimers();
    }

    private void StopTimers()
    {
        _rebalance?.Dispose();
        foreach (var timer in _pending.Values)
            timer.Dispose();
        _pending.Clear();
        foreach (var member in _members.Values)
            member.Session?.Dispose();
    }

    private GroupMember? StaticMember(string? instanceId) => instanceId is null ? null : _members.Values.FirstOrDefault(m => m.InstanceId == instanceId);

    /// <summary>Whether the one who asks is the member it says it is.</summary>
    private KafkaError CheckMember(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            if (StaticMember(instanceId) is not { } known)
                return KafkaError.UnknownMemberId;
            if (known.Id != memberId)
                return KafkaError.FencedInstanceId;
        }

        return _members.ContainsKey(memberId) ? KafkaError.None : KafkaError.UnknownMemberId;
    }

    private ITimer After(TimeSpan delay, Action action) => time.CreateTimer(
        _ =>
        {
            lock (_gate)
                action();
        },
        null, delay < TimeSpan.Zero ? TimeSpan.Zero : delay, Timeout.InfiniteTimeSpan);
}

/// <summary>The limits of groups, from the cluster's configuration.</summary>
internal sealed record GroupSettings(TimeSpan InitialRebalanceDelay, TimeSpan MinSessionTimeout, TimeSpan MaxSessionTimeout, int MaxSize, int MaxMetadataBytes)
{
    /// <summary>How long a member that joins for the first time may take over it; Kafka's constant.</summary>
    public static readonly TimeSpan NewMemberTimeout = TimeSpan.FromMinutes(5);
}
