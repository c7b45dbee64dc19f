using System.Collections.Concurrent;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Groups;

/// <summary>All groups of the cluster. Each is coordinated by the broker that leads its partition of <c>__consumer_offsets</c>.</summary>
internal sealed class GroupCoordinator : IDisposable
{
    private const long LongLogBytes = 8 << 20;
    private readonly Cluster _cluster;
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly GroupSettings _settings;

    public GroupCoordinator(Cluster cluster)
    {
        _cluster = cluster;
        Log = new GroupLog(cluster);
        var settings = cluster.Settings;
        _settings = new GroupSettings(
            settings.InitialRebalanceDelay,
            TimeSpan.FromMilliseconds(settings.Int("group.min.session.timeout.ms")),
            TimeSpan.FromMilliseconds(settings.Int("group.max.session.timeout.ms")),
            settings.Int("group.max.size"),
            settings.Int("offset.metadata.max.bytes"));
        Load();
    }

    public GroupLog Log { get; }

    public GroupSettings Settings => _settings;

    public IEnumerable<Group> All => _groups.Values.Where(g => g.State != GroupState.Dead);

    public Group? Find(string id) => _groups.GetValueOrDefault(id);

    public Group FindOrCreate(string id) => _groups.GetOrAdd(id, name => new Group(name, _settings, Log, _cluster.Time));

    public void Remove(string id)
    {
        if (_groups.TryRemove(id, out var group))
            group.Dispose();
    }

    /// <summary>Whether the broker asked is the group's coordinator.</summary>
    public KafkaError Check(string group, BrokerNode broker)
    {
        if (_cluster.Topics.Find(InternalTopics.Offsets) is not { } topic)
            return KafkaError.NotCoordinator;
        return topic.Partitions[CoordinatorPartition.Of(group, topic.Partitions.Count)].Leader == broker.Id ? KafkaError.None : KafkaError.NotCoordinator;
    }

    public async Task<JoinGroupResponse> JoinAsync(JoinGroupRequest request, short version, string clientId, string clientHost)
    {
        var session = TimeSpan.FromMilliseconds(request.SessionTimeoutMs);
        var error = request.GroupId.Length == 0 ? KafkaError.InvalidGroupId
            : session < _settings.MinSessionTimeout || session > _settings.MaxSessionTimeout ? KafkaError.InvalidSessionTimeout
            : KafkaError.None;
        if (error == KafkaError.None && request.MemberId.Length > 0 && Find(request.GroupId) is null)
            error = KafkaError.UnknownMemberId;
        if (error != KafkaError.None)
            return new JoinGroupResponse { ErrorCode = error, MemberId = request.MemberId, ProtocolName = "", Leader = "" };
        return await FindOrCreate(request.GroupId).JoinAsync(request, clientId, clientHost, idRequired: version >= 4);
    }

    /// <summary>Keeps offsets as part of a transaction.</summary>
    public KafkaError CommitInTransaction(string id, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, long producerId, short epoch)
    {
        var error = Log.SaveInTransaction(id, offsets, producerId, epoch);
        if (error == KafkaError.None)
            FindOrCreate(id).TakeUndecided(producerId, offsets);
        return error;
    }

    /// <summary>A producer's transaction ended: its offsets count, or are dropped.</summary>
    public void Decide(long producerId, bool commit)
    {
        foreach (var group in _groups.Values)
            group.Decide(producerId, commit);
    }

    public KafkaError Delete(string id)
    {
        if (Find(id) is not { } group)
            return KafkaError.GroupIdNotFound;
        var error = group.Delete();
        if (error == KafkaError.None)
            Remove(id);
        return error;
    }

    /// <summary>A deleted topic takes the offsets committed for it along: one of the same name later begins anew.</summary>
    public void ForgetTopic(Topic topic)
    {
        TopicPartition[] partitions = [.. topic.Partitions.Select(p => new TopicPartition(topic.Name, p.Index))];
        foreach (var group in All)
            group.ForgetOffsets(partitions);
    }

    /// <summary>Forgets offsets, and with them groups, that nobody has used for <c>offsets.retention.minutes</c>.</summary>
    public void Expire()
    {
        var retention = TimeSpan.FromMinutes(_cluster.Settings.Int("offsets.retention.minutes"));
        foreach (var group in _groups.Values.Where(g => g.Expire(_cluster.Now, retention)))
            _groups.TryRemove(KeyValuePair.Create(group.Id, group));
    }

    /// <summary>The groups of one partition of <c>__consumer_offsets</c> have another coordinator.</summary>
    public void RestartSessions(int partition)
    {
        var partitions = _cluster.Topics.Find(InternalTopics.Offsets)?.Partitions.Count ?? 1;
        foreach (var group in _groups.Values.Where(g => CoordinatorPartition.Of(g.Id, partitions) == partition))
            group.StartSessions();
    }

    public void Dispose()
    {
        foreach (var group in _groups.Values)
            group.Dispose();
    }

    private void Load()
    {
        if (_cluster.Topics.Find(InternalTopics.Offsets) is not { } topic)
            return;
        foreach (var partition in topic.Partitions)
            partition.Log.ReadAll(new GroupLoader(FindOrCreate, Remove).Read);
        foreach (var group in _groups.Values)
            group.StartSessions();
        foreach (var partition in topic.Partitions)
            Shorten(topic, partition);
    }

    /// <summary>
    /// Nothing compacts the log here. Where it has grown long, everything that still holds is written once more, and what came before is forgotten: a start
    /// reads little. Not while a transaction is open there: its offsets are in no group yet.
    /// </summary>
    private void Shorten(Topic topic, Partition partition)
    {
        var log = partition.Log;
        if (log.Size < LongLogBytes || log.LastStableOffset < log.EndOffset)
            return;
        var end = log.EndOffset;
        log.StartSegment();
        foreach (var group in _groups.Values.Where(g => CoordinatorPartition.Of(g.Id, topic.Partitions.Count) == partition.Index))
        {
            var offsets = group.Offsets();
            if (group.Read(Log.Save) != KafkaError.None || (offsets.Count > 0 && Log.Save(group.Id, offsets) != KafkaError.None))
                return;
        }

        log.DeleteRecordsBefore(end);
    }
}
