using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Groups;

/// <content>Staying in the group, and leaving it: by request, or by silence.</content>
internal sealed partial class Group
{
    public KafkaError Heartbeat(HeartbeatRequest request)
    {
        lock (_gate)
        {
            var error = State == GroupState.Dead ? KafkaError.CoordinatorNotAvailable : CheckMember(request.MemberId, request.GroupInstanceId);
            if (error != KafkaError.None)
                return error;
            if (request.GenerationId != Generation)
                return KafkaError.IllegalGeneration;
            var member = _members[request.MemberId];
            if (member.Joining is null && member.Syncing is null)
                StartSession(member, member.SessionTimeout);
            return State == GroupState.PreparingRebalance ? KafkaError.RebalanceInProgress : KafkaError.None;
        }
    }

    public KafkaError Leave(string memberId, string? instanceId)
    {
        lock (_gate)
        {
            if (instanceId is null && _pending.ContainsKey(memberId))
            {
                DropPending(memberId);
                return KafkaError.None;
            }

            // A static member may be told to leave by its name alone, by an administrator who does not know its id.
            if (instanceId is not null && memberId.Length == 0)
                memberId = StaticMember(instanceId)?.Id ?? "";
            var error = CheckMember(memberId, instanceId);
            if (error != KafkaError.None)
                return error;
            RemoveAndRebalance(_members[memberId]);
            return KafkaError.None;
        }
    }

    /// <summary>Marks the group as deleted, if nobody is in it.</summary>
    public KafkaError Delete()
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return KafkaError.GroupIdNotFound;
            if (State != GroupState.Empty || _pending.Count > 0)
                return KafkaError.NonEmptyGroup;
            var error = _offsets.Count == 0 ? KafkaError.None : log.Forget(Id, _offsets.Keys);
            if (error == KafkaError.None)
                error = log.Forget(Id);
            if (error != KafkaError.None)
                return error;
            State = GroupState.Dead;
            StopTimers();
            return KafkaError.None;
        }
    }

    /// <summary>
    /// Takes over a group as it was kept. A member that died with the cluster holds its place for its session timeout, counted from now: nobody can know
    /// yet that it is gone.
    /// </summary>
    public void Restore(GroupMetadataValue kept)
    {
        lock (_gate)
        {
            StopTimers();
            _members.Clear();
            (ProtocolType, Generation, ProtocolName, LeaderId) = (kept.ProtocolType, kept.Generation, kept.Protocol, kept.Leader);
            foreach (var member in kept.Members)
            {
                _members[member.MemberId] = new GroupMember(member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost)
                {
                    SessionTimeout = TimeSpan.FromMilliseconds(member.SessionTimeout),
                    RebalanceTimeout = TimeSpan.FromMilliseconds(member.RebalanceTimeout >= 0 ? member.RebalanceTimeout : member.SessionTimeout),
                    Protocols = [new GroupProtocol(kept.Protocol ?? "", member.Subscription.ToArray())],
                    Assignment = member.Assignment.ToArray(),
                    HasSynced = true,
                };
            }

            State = _members.Count == 0 ? GroupState.Empty : GroupState.Stable;
            _emptySince = State == GroupState.Empty ? kept.CurrentStateTimestamp : null;
        }
    }

    /// <summary>Starts the members' sessions anew, after a start of the cluster or under another coordinator. Who waits for a rebalance has none.</summary>
    public void StartSessions()
    {
        lock (_gate)
        {
            foreach (var member in _members.Values.Where(m => m.Joining is null && m.Syncing is null))
                StartSession(member, member.SessionTimeout);
        }
    }

    private void StartSession(GroupMember member, TimeSpan timeout)
    {
        member.SessionEnds = time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
        if (member.Session is not { } running || !running.Change(timeout, Timeout.InfiniteTimeSpan))
            member.Session = After(timeout, () => ExpireSession(member));
    }

    private static void StopSession(GroupMember member)
    {
        member.SessionEnds = long.MaxValue;
        member.Session?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void ExpireSession(GroupMember member)
    {
        if (_members.GetValueOrDefault(member.Id) != member || member.SessionEnds == long.MaxValue)
            return;

        // The timer may have run out just when a heartbeat set it anew.
        var left = time.GetElapsedTime(time.GetTimestamp(), member.SessionEnds);
        if (left > TimeSpan.FromMilliseconds(1))
            member.Session?.Change(left, Timeout.InfiniteTimeSpan);
        else
            RemoveAndRebalance(member);
    }

    private void RemoveAndRebalance(GroupMember member)
    {
        Remove(member);
        if (State is GroupState.Stable or GroupState.CompletingRebalance)
            PrepareRebalance();
        else if (State == GroupState.PreparingRebalance)
            CompleteJoinIfAllAreHere();
    }

    private void Remove(GroupMember member)
    {
        member.Session?.Dispose();
        member.Session = null;
        member.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.UnknownMemberId, MemberId = "", ProtocolName = "", Leader = "" });
        member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.UnknownMemberId });
        (member.Joining, member.Syncing) = (null, null);
        _members.Remove(member.Id);
        if (LeaderId == member.Id)
            LeaderId = _members.Keys.FirstOrDefault();
    }
}
