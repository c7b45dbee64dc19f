using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Groups;

/// <content>Joining: from the first request of a member to the beginning of a generation.</content>
internal sealed partial class Group
{
    private TimeSpan _initialDelayLeft;
    private bool _joinedDuringDelay;

    /// <summary>Answers a JoinGroup request: at once, or when the next generation begins.</summary>
    /// <param name="request">The request.</param>
    /// <param name="clientId">The client's id.</param>
    /// <param name="clientHost">Its address.</param>
    /// <param name="idRequired">Whether a new dynamic member is first given an id and has to come back with it (KIP-394).</param>
    public Task<JoinGroupResponse> JoinAsync(JoinGroupRequest request, string clientId, string clientHost, bool idRequired)
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return Refuse(KafkaError.CoordinatorNotAvailable, request.MemberId);
            if (!AcceptsAnother(request.MemberId, request.GroupInstanceId))
                return Refuse(KafkaError.GroupMaxSizeReached, request.MemberId);
            GroupProtocol[] protocols = [.. request.Protocols.Select(p => new GroupProtocol(p.Name, p.Metadata.ToArray()))];
            if (!Supports(request.MemberId, request.ProtocolType, protocols))
                return Refuse(KafkaError.InconsistentGroupProtocol, request.MemberId);
            return request.MemberId.Length == 0
                ? JoinUnknown(request, protocols, clientId, clientHost, idRequired)
                : JoinKnown(request, protocols, clientId, clientHost);
        }
    }

    private static Task<JoinGroupResponse> Refuse(KafkaError error, string memberId) =>
        Task.FromResult(new JoinGroupResponse { ErrorCode = error, MemberId = memberId, ProtocolName = "", Leader = "" });

    private Task<JoinGroupResponse> JoinUnknown(JoinGroupRequest request, GroupProtocol[] protocols, string clientId, string clientHost, bool idRequired)
    {
        var memberId = $"{request.GroupInstanceId ?? clientId}-{Guid.NewGuid()}";
        if (request.GroupInstanceId is null && idRequired)
        {
            _pending[memberId] = After(TimeSpan.FromMilliseconds(request.SessionTimeoutMs), () => DropPending(memberId));
            return Refuse(KafkaError.MemberIdRequired, memberId);
        }

        var member = new GroupMember(memberId, request.GroupInstanceId, clientId, clientHost);
        if (StaticMember(request.GroupInstanceId) is { } former)
            return Replace(former, member, request, protocols);
        return AddAndRebalance(member, request, protocols);
    }

    private Task<JoinGroupResponse> JoinKnown(JoinGroupRequest request, GroupProtocol[] protocols, string clientId, string clientHost)
    {
        if (request.GroupInstanceId is null && _pending.Remove(request.MemberId, out var timer))
        {
            timer.Dispose();
            return AddAndRebalance(new GroupMember(request.MemberId, null, clientId, clientHost), request, protocols);
        }

        var error = CheckMember(request.MemberId, request.GroupInstanceId);
        if (error != KafkaError.None)
            return Refuse(error, request.MemberId);
        var member = _members[request.MemberId];
        var unchanged = member.HasSameProtocols(protocols);
        return State switch
        {
            // It did not get our answer to its last request: it gets it again.
            GroupState.CompletingRebalance when unchanged => Task.FromResult(Joined(member)),

            // A leader that joins again has a reason to assign anew; a follower without news has none.
            GroupState.Stable when unchanged && member.Id != LeaderId => Task.FromResult(Joined(member, withMembers: false)),
            GroupState.Empty => Refuse(KafkaError.UnknownMemberId, request.MemberId),
            _ => UpdateAndRebalance(member, request, protocols),
        };
    }

    private Task<JoinGroupResponse> AddAndRebalance(GroupMember member, JoinGroupRequest request, GroupProtocol[] protocols)
    {
        if (_members.Count == 0)
            ProtocolType = request.ProtocolType;
        _members.Add(member.Id, member);
        LeaderId ??= member.Id;
        _joinedDuringDelay = true;
        return UpdateAndRebalance(member, request, protocols, GroupSettings.NewMemberTimeout);
    }

    private Task<JoinGroupResponse> UpdateAndRebalance(GroupMember member, JoinGroupRequest request, GroupProtocol[] protocols, TimeSpan? patience = null)
    {
        Update(member, request, protocols);
        member.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.UnknownMemberId, MemberId = member.Id, ProtocolName = "", Leader = "" });
        member.Joining = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = member.Joining.Task;
        if (patience is { } timeout)
            StartSession(member, timeout);
        else
            StopSession(member);
        if (State == GroupState.PreparingRebalance)
            CompleteJoinIfAllAreHere();
        else
            PrepareRebalance();
        return answer;
    }

    /// <summary>A static member came back under a new id. Unless its protocols changed, the others need not notice.</summary>
    private Task<JoinGroupResponse> Replace(GroupMember former, GroupMember member, JoinGroupRequest request, GroupProtocol[] protocols)
    {
        StopSession(former);
        former.Joining?.TrySetResult(new JoinGroupResponse { ErrorCode = KafkaError.FencedInstanceId, MemberId = former.Id, ProtocolName = "", Leader = "" });
        former.Syncing?.TrySetResult(new SyncGroupResponse { ErrorCode = KafkaError.FencedInstanceId });
        _members.Remove(former.Id);
        _members.Add(member.Id, member);
        (member.Assignment, member.HasSynced) = (former.Assignment, former.HasSynced);
        var wasLeader = LeaderId == former.Id;
        if (wasLeader)
            LeaderId = member.Id;
        var sameChoice = former.MetadataFor(ProtocolName).AsSpan().SequenceEqual(protocols.FirstOrDefault(p => p.Name == ProtocolName).Metadata ?? []);
        if (State != GroupState.Stable || !sameChoice)
            return UpdateAndRebalance(member, request, protocols);
        Update(member, request, protocols);
        StartSession(member, member.SessionTimeout);
        var error = log.Save(this, _members.Values);
        return error == KafkaError.None ? Task.FromResult(Joined(member, withMembers: false, skipAssignment: wasLeader)) : Refuse(error, member.Id);
    }

    private static void Update(GroupMember member, JoinGroupRequest request, GroupProtocol[] protocols)
    {
        member.SessionTimeout = TimeSpan.FromMilliseconds(request.SessionTimeoutMs);
        member.RebalanceTimeout = TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs >= 0 ? request.RebalanceTimeoutMs : request.SessionTimeoutMs);
        member.Protocols = protocols;
    }

    private bool AcceptsAnother(string memberId, string? instanceId) =>
        _members.ContainsKey(memberId) || _pending.ContainsKey(memberId) || StaticMember(instanceId) is not null
        || _members.Count + _pending.Count < settings.MaxSize;

    /// <summary>Whether the group would still have a protocol all members know.</summary>
    private bool Supports(string memberId, string type, GroupProtocol[] protocols)
    {
        if (type.Length == 0 || protocols.Length == 0)
            return _members.Count == 0 && State == GroupState.Empty && type.Length > 0 && protocols.Length > 0;
        var others = _members.Values.Where(m => m.Id != memberId).ToList();
        return others.Count == 0 || (type == ProtocolType && protocols.Any(p => others.TrueForAll(m => m.Protocols.Any(k => k.Name == p.Name))));
    }

    private void DropPending(string memberId)
    {
        if (_pending.Remove(memberId, out var timer))
            timer.Dispose();
        if (State == GroupState.PreparingRebalance)
            CompleteJoinIfAllAreHere();
    }
}
