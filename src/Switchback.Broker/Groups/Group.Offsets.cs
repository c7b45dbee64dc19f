using Switchback.Kafka;

namespace Switchback.Broker.Groups;

/// <content>Committed offsets: of members, of those without membership, and of transactions.</content>
internal sealed partial class Group
{
    private readonly Dictionary<TopicPartition, CommittedOffset> _offsets = [];

    /// <summary>Offsets of transactions that are not decided yet, by producer id.</summary>
    private readonly Dictionary<long, Dictionary<TopicPartition, CommittedOffset>> _undecided = [];

    /// <summary>Whether a commit may be made by the one who asks; in a transaction a group with members may be written to without being one of them.</summary>
    public KafkaError CheckCommit(string memberId, string? instanceId, int generation, bool transactional)
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return KafkaError.CoordinatorNotAvailable;
            if (generation < 0 && State == GroupState.Empty)
                return KafkaError.None;
            if (generation < 0 && memberId.Length == 0 && instanceId is null)
                return transactional ? KafkaError.None : KafkaError.UnknownMemberId;
            var error = CheckMember(memberId, instanceId);
            if (error != KafkaError.None)
                return error;
            if (generation != Generation)
                return KafkaError.IllegalGeneration;
            if (State == GroupState.CompletingRebalance && !transactional)
                return KafkaError.RebalanceInProgress;
            var member = _members[memberId];
            if (!transactional && member.Joining is null && member.Syncing is null)
                StartSession(member, member.SessionTimeout);
            return KafkaError.None;
        }
    }

    public KafkaError Commit(IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        lock (_gate)
        {
            var error = State == GroupState.Dead ? KafkaError.CoordinatorNotAvailable : log.Save(Id, offsets);
            if (error == KafkaError.None)
                Take(offsets);
            return error;
        }
    }

    /// <summary>Takes offsets that are in the log already.</summary>
    public void Take(IEnumerable<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        lock (_gate)
        {
            foreach (var (partition, offset) in offsets)
                _offsets[partition] = offset;
        }
    }

    /// <summary>Takes offsets of a transaction; they count when it is committed.</summary>
    public void TakeUndecided(long producerId, IEnumerable<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        lock (_gate)
        {
            if (!_undecided.TryGetValue(producerId, out var kept))
                _undecided.Add(producerId, kept = []);
            foreach (var (partition, offset) in offsets)
                kept[partition] = offset;
        }
    }

    public void Decide(long producerId, bool commit)
    {
        lock (_gate)
        {
            if (_undecided.Remove(producerId, out var kept) && commit)
                Take(kept);
        }
    }

    public KafkaError ForgetOffsets(IReadOnlyCollection<TopicPartition> partitions)
    {
        lock (_gate)
        {
            TopicPartition[] known = [.. partitions.Where(_offsets.ContainsKey)];
            var error = known.Length == 0 ? KafkaError.None : log.Forget(Id, known);
            if (error == KafkaError.None)
                Array.ForEach(known, p => _offsets.Remove(p));
            return error;
        }
    }

    /// <summary>Drops an offset whose deletion is in the log already.</summary>
    public void Drop(TopicPartition partition)
    {
        lock (_gate)
            _offsets.Remove(partition);
    }

    public bool HasUndecided(TopicPartition partition)
    {
        lock (_gate)
            return _undecided.Values.Any(u => u.ContainsKey(partition));
    }

    public CommittedOffset? OffsetOf(TopicPartition partition)
    {
        lock (_gate)
            return _offsets.TryGetValue(partition, out var offset) ? offset : null;
    }

    public IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> Offsets()
    {
        lock (_gate)
            return [.. _offsets];
    }
}
