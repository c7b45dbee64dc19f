using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Groups;

/// <content>Rebalancing: gathering the members, choosing protocol and leader, handing out the assignment.</content>
internal sealed partial class Group
{
    /// <summary>Answers a SyncGroup request: at once, or when the leader's assignment is there.</summary>
    public Task<SyncGroupResponse> SyncAsync(SyncGroupRequest request)
    {
        lock (_gate)
        {
            var error = State == GroupState.Dead ? KafkaError.CoordinatorNotAvailable : CheckMember(request.MemberId, request.GroupInstanceId);
            if (error == KafkaError.None && request.GenerationId != Generation)
                error = KafkaError.IllegalGeneration;
            if (error == KafkaError.None && ((request.ProtocolType ?? ProtocolType) != ProtocolType || (request.ProtocolName ?? ProtocolName) != ProtocolName))
                error = KafkaError.InconsistentGroupProtocol;
            if (error == KafkaError.None && State == GroupState.PreparingRebalance)
                error = KafkaError.RebalanceInProgress;
            if (error != KafkaError.None)
                return Task.FromResult(new SyncGroupResponse { ErrorCode = error });
            var member = _members[request.MemberId];
            if (State == GroupState.Stable)
            {
                StartSession(member, member.SessionTimeout);
                return Task.FromResult(Synced(member));
            }

            member.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.UnknownMemberId });
            member.Syncing = new(TaskCreationOptions.RunContinuationsAsynchronously);
            StopSession(member);
            var answer = member.Syncing.Task;
            if (member.Id == LeaderId)
                Assign(request.Assignments);
            return answer;
        }
    }

    private void Assign(IEnumerable<SyncGroupRequest.SyncGroupRequestAssignment> assignments)
    {
        var given = assignments.GroupBy(a => a.MemberId).ToDictionary(g => g.Key, g => g.Last().Assignment.ToArray());
        foreach (var member in _members.Values)
            member.Assignment = given.GetValueOrDefault(member.Id, []);
        State = GroupState.Stable;
        var error = log.Save(this, _members.Values);
        if (error != KafkaError.None)
        {
            // What is not kept must not be handed out: the members join again.
            State = GroupState.CompletingRebalance;
            AnswerSyncs(error);
            PrepareRebalance();
            return;
        }

        foreach (var member in _members.Values.Where(m => m.Syncing is not null))
        {
            StartSession(member, member.SessionTimeout);
            member.Syncing!.TrySetResult(Synced(member));
            member.Syncing = null;
        }

        if (_members.Values.All(m => m.HasSynced))
            _rebalance?.Dispose();
    }

    private SyncGroupResponse Synced(GroupMember member)
    {
        member.HasSynced = true;
        return new SyncGroupResponse { ProtocolType = ProtocolType, ProtocolName = ProtocolName, Assignment = member.Assignment };
    }

    private void AnswerSyncs(KafkaError error)
    {
        foreach (var member in _members.Values.Where(m => m.Syncing is not null))
        {
            StartSession(member, member.SessionTimeout);
            member.Syncing!.TrySetResult(new SyncGroupResponse { ErrorCode = error });
            member.Syncing = null;
        }
    }

    private void PrepareRebalance()
    {
        if (State == GroupState.CompletingRebalance)
        {
            foreach (var member in _members.Values)
                member.Assignment = [];
            AnswerSyncs(KafkaError.RebalanceInProgress);
        }

        var initial = State == GroupState.Empty;
        State = GroupState.PreparingRebalance;
        if (initial)
        {
            // A group's first members rarely come alone: wait a little, so that not each of them starts a rebalance.
            _initialDelayLeft = LongestRebalance();
            StartInitialDelay();
            return;
        }

        CompleteJoinIfAllAreHere();
        if (State == GroupState.PreparingRebalance)
            Restart(ref _rebalance, LongestRebalance(), CompleteJoin);
    }

    private void StartInitialDelay()
    {
        var delay = settings.InitialRebalanceDelay < _initialDelayLeft ? settings.InitialRebalanceDelay : _initialDelayLeft;
        _initialDelayLeft -= delay;
        _joinedDuringDelay = false;
        _delaying = true;
        if (delay <= TimeSpan.Zero)
            EndInitialDelay();
        else
            Restart(ref _rebalance, delay, EndInitialDelay);
    }

    private bool _delaying;

    private void EndInitialDelay()
    {
        if (State != GroupState.PreparingRebalance || !_delaying)
            return;
        if (_joinedDuringDelay && _initialDelayLeft > TimeSpan.Zero)
        {
            StartInitialDelay();
            return;
        }

        _delaying = false;
        CompleteJoin();
    }

    private TimeSpan LongestRebalance() => _members.Count == 0 ? TimeSpan.Zero : _members.Values.Max(m => m.RebalanceTimeout);

    private void CompleteJoinIfAllAreHere()
    {
        if (!_delaying && _pending.Count == 0 && _members.Values.All(m => m.Joining is not null))
            CompleteJoin();
    }

    /// <summary>Begins the next generation with those who joined. Dynamic members who did not are out; static ones keep their place.</summary>
    private void CompleteJoin()
    {
        if (State != GroupState.PreparingRebalance)
            return;
        foreach (var missing in _members.Values.Where(m => m.Joining is null && m.InstanceId is null).ToList())
            Remove(missing);
        if (_members.Count > 0 && _members.Values.All(m => m.Joining is null))
        {
            // Only static members are left, and none of them has come back yet: they have until their sessions end.
            Restart(ref _rebalance, LongestRebalance(), CompleteJoin);
            return;
        }

        Generation++;
        _rebalance?.Dispose();
        if (_members.Count == 0)
        {
            BecomeEmpty();
            return;
        }

        if (LeaderId is null || !_members.TryGetValue(LeaderId, out var leader) || leader.Joining is null)
            LeaderId = _members.Values.First(m => m.Joining is not null).Id;
        ProtocolName = ChooseProtocol();
        State = GroupState.CompletingRebalance;
        var generation = Generation;
        Restart(ref _rebalance, LongestRebalance(), () => DropUnsynced(generation));
        foreach (var member in _members.Values)
        {
            member.HasSynced = false;
            if (member.Joining is not { } joining)
                continue;
            member.Joining = null;
            StartSession(member, member.SessionTimeout);
            joining.TrySetResult(Joined(member));
        }
    }

    private void BecomeEmpty()
    {
        State = GroupState.Empty;
        _emptySince = time.GetUtcNow().ToUnixTimeMilliseconds();
        (LeaderId, ProtocolName) = (null, null);

        // If this cannot be kept, a restart finds the old members and drops them when their sessions end: late, but right.
        log.Save(this, _members.Values);
    }

    /// <summary>Of the protocols all members know, the one most of them like best.</summary>
    private string ChooseProtocol()
    {
        var common = _members.Values.Select(m => m.Protocols.Select(p => p.Name)).Aggregate((a, b) => a.Intersect(b)).ToHashSet(StringComparer.Ordinal);
        return _members.Values.Select(m => m.Protocols.First(p => common.Contains(p.Name)).Name)
            .GroupBy(name => name).OrderByDescending(votes => votes.Count()).First().Key;
    }

    private JoinGroupResponse Joined(GroupMember member, bool withMembers = true, bool skipAssignment = false)
    {
        var response = new JoinGroupResponse
        {
            GenerationId = Generation,
            ProtocolType = ProtocolType,
            ProtocolName = ProtocolName ?? "",
            Leader = LeaderId ?? "",
            MemberId = member.Id,
            SkipAssignment = skipAssignment,
        };
        if (member.Id != LeaderId || !(withMembers || skipAssignment))
            return response;
        foreach (var other in _members.Values)
            response.Members.Add(new() { MemberId = other.Id, GroupInstanceId = other.InstanceId, Metadata = other.MetadataFor(ProtocolName) });
        return response;
    }

    /// <summary>Members that joined and never fetched their assignment hold their partitions for nothing.</summary>
    private void DropUnsynced(int generation)
    {
        if (generation != Generation || State is not (GroupState.CompletingRebalance or GroupState.Stable))
            return;
        var missing = _members.Values.Where(m => !m.HasSynced && m.Syncing is null).ToList();
        if (missing.Count == 0)
            return;
        missing.ForEach(Remove);
        PrepareRebalance();
    }

    private void Restart(ref ITimer? timer, TimeSpan delay, Action action)
    {
        timer?.Dispose();
        timer = After(delay, action);
    }
}
