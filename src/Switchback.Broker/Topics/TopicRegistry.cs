using System.Collections.Concurrent;
using System.Collections.Immutable;
using Switchback.Broker.Configuration;
using Switchback.Broker.Storage;

namespace Switchback.Broker.Topics;

/// <summary>The topics of the cluster and their logs. Reads take no lock; changes are written to the journal first, one at a time.</summary>
internal sealed class TopicRegistry : IDisposable
{
    private const int JournalLinesToKeep = 1000;
    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly ServerSettings _settings;
    private readonly MetadataJournal _journal;
    private readonly int _brokers;
    private readonly bool _afterPowerLoss;
    private ImmutableHashSet<int> _down = [];
    private ImmutableSortedDictionary<string, Topic> _byName = ImmutableSortedDictionary.Create<string, Topic>(StringComparer.Ordinal);
    private ImmutableDictionary<Guid, Topic> _byId = ImmutableDictionary<Guid, Topic>.Empty;
    private int _starts;

    public TopicRegistry(string directory, ServerSettings settings, int brokers, bool afterPowerLoss = false)
    {
        _directory = directory;
        _settings = settings;
        _brokers = brokers;
        _afterPowerLoss = afterPowerLoss;
        _journal = new MetadataJournal(Path.Combine(directory, "metadata.journal"));
        Load();
    }

    public IReadOnlyCollection<Topic> All => [.. _byName.Values];

    /// <summary>The first producer id not given out before the last crash; from the journal.</summary>
    public long NextProducerId { get; private set; }

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _byId.GetValueOrDefault(id);

    public Partition? Find(string topic, int partition) => Find(topic) is { } found && (uint)partition < (uint)found.Partitions.Count ? found.Partitions[partition] : null;

    /// <summary>Creates a topic; null when there is one of that name.</summary>
    public Topic? Create(string name, int[][] replicas, IReadOnlyDictionary<string, string> configuration)
    {
        lock (_gate)
        {
            if (_byName.ContainsKey(name))
                return null;
            var record = new MetadataRecord
            {
                Change = MetadataChange.TopicCreated,
                Topic = name,
                TopicId = Guid.NewGuid(),
                Replicas = replicas,
                Configuration = new(configuration),
                Starts = _starts,
            };
            _journal.Append(record);
            for (var partition = 0; partition < replicas.Length; partition++)
                LogFiles.DeleteRemains(Path.Combine(_directory, $"{name}-{partition}"));
            var topic = Build(record, record.Configuration);
            Put(topic);
            return topic;
        }
    }

    public bool Delete(Topic topic)
    {
        lock (_gate)
        {
            if (!_byName.ContainsKey(topic.Name))
                return false;
            _journal.Append(new MetadataRecord { Change = MetadataChange.TopicDeleted, Topic = topic.Name });
            _byName = _byName.Remove(topic.Name);
            _byId = _byId.Remove(topic.Id);
        }

        foreach (var partition in topic.Partitions)
            partition.Log.Delete();
        return true;
    }

    public void AddPartitions(string name, int[][] added)
    {
        lock (_gate)
        {
            var topic = _byName[name];
            _journal.Append(new MetadataRecord { Change = MetadataChange.PartitionsAdded, Topic = name, Replicas = added });
            Put(Extend(topic, added));
        }
    }

    public void SetConfiguration(string name, IReadOnlyDictionary<string, string> configuration)
    {
        lock (_gate)
        {
            _journal.Append(new MetadataRecord { Change = MetadataChange.ConfigurationChanged, Topic = name, Configuration = new(configuration) });
            Put(Configure(_byName[name], configuration));
        }
    }

    public void ReserveProducerIds(long next)
    {
        lock (_gate)
        {
            _journal.Append(new MetadataRecord { Change = MetadataChange.ProducerIdsReserved, NextProducerId = next });
            NextProducerId = next;
        }
    }

    /// <summary>Replicas for new partitions, leaders spread: partition n begins one broker after partition n-1.</summary>
    public int[][] Spread(string topic, int firstPartition, int count, int replicationFactor)
    {
        var start = (int)((uint)topic.Aggregate(17, (hash, c) => hash * 31 + c) % (uint)_brokers);
        return [.. Enumerable.Range(firstPartition, count).Select(p =>
            Enumerable.Range(0, replicationFactor).Select(r => (start + p + r) % _brokers + 1).ToArray())];
    }

    /// <summary>
    /// A broker went or came back. The partitions it leads get another leader under a higher epoch; those without a leader get one if they can. The partitions that moved.
    /// </summary>
    public IReadOnlyList<Partition> SetBrokerUp(int broker, bool up)
    {
        lock (_gate)
        {
            var down = up ? _down.Remove(broker) : _down.Add(broker);
            if (down.Count == _down.Count)
                return [];
            _down = down;
            return Move(partition => InSync(partition).Contains(partition.Leader) ? partition.Leader : InSync(partition).FirstOrDefault(Partition.NoLeader));
        }
    }

    /// <summary>Gives brokers back what they should lead, where more than the given share of it is led by others. The partitions that moved.</summary>
    public IReadOnlyList<Partition> BalanceLeaders(int toleratedPercentage)
    {
        lock (_gate)
        {
            var displaced = _byName.Values.SelectMany(t => t.Partitions).GroupBy(p => p.Replicas[0])
                .Where(g => IsUp(g.Key) && 100.0 * g.Count(p => p.Leader != g.Key) / g.Count() > toleratedPercentage)
                .Select(g => g.Key).ToHashSet();
            return displaced.Count == 0 ? [] : Move(partition => displaced.Contains(partition.Replicas[0]) ? partition.Replicas[0] : partition.Leader);
        }
    }

    /// <summary>Looks at brokers and leaders together: meanwhile no broker goes or comes and no leader moves. A client that is told of a leader must be told where that broker is, too.</summary>
    public T Together<T>(Func<T> look)
    {
        lock (_gate)
            return look();
    }

    public bool IsUp(int broker) => !_down.Contains(broker);

    public IEnumerable<int> InSync(Partition partition) => partition.Replicas.Where(r => !_down.Contains(r));

    /// <summary>Closes all logs in good order.</summary>
    public void Dispose()
    {
        Parallel.ForEach(_byName.Values.SelectMany(t => t.Partitions), p => p.Log.Close());
        _journal.Dispose();
    }

    private List<Partition> Move(Func<Partition, int> elect)
    {
        var moved = new List<Partition>();
        foreach (var topic in _byName.Values)
        {
            var before = moved.Count;
            foreach (var partition in topic.Partitions)
            {
                if (elect(partition) is var leader && leader == partition.Leader)
                    continue;
                partition.Moves++;
                moved.Add(partition);
                partition.MoveTo(leader);
            }

            if (moved.Count > before)
                _journal.Append(new MetadataRecord { Change = MetadataChange.LeadersMoved, Topic = topic.Name, Moves = [.. topic.Partitions.Select(p => p.Moves)] });
        }

        return moved;
    }

    private void Load()
    {
        var journal = _journal.ReadAll();
        var topics = new Dictionary<string, MetadataRecord>(StringComparer.Ordinal);
        foreach (var record in journal)
            Replay(record, topics);
        _starts++;
        _journal.Append(new MetadataRecord { Change = MetadataChange.Started });
        DeleteOrphans(topics);
        var built = new ConcurrentBag<Topic>();
        Parallel.ForEach(topics.Values, record => built.Add(Build(record, record.Configuration ?? [])));
        _byName = _byName.AddRange(built.Select(t => KeyValuePair.Create(t.Name, t)));
        _byId = _byId.AddRange(built.Select(t => KeyValuePair.Create(t.Id, t)));
        if (journal.Count > JournalLinesToKeep)
            _journal.Replace(Compact(topics.Values));
    }

    private IEnumerable<MetadataRecord> Compact(IEnumerable<MetadataRecord> topics) =>
        [
            .. Enumerable.Repeat(new MetadataRecord { Change = MetadataChange.Started, Starts = _starts }, 1),
            .. topics,
            new MetadataRecord { Change = MetadataChange.ProducerIdsReserved, NextProducerId = NextProducerId },
        ];

    private void Replay(MetadataRecord record, Dictionary<string, MetadataRecord> topics)
    {
        switch (record.Change)
        {
            case MetadataChange.Started:
                _starts = record.Starts > 0 ? record.Starts : _starts + 1;
                break;
            case MetadataChange.TopicCreated:
                topics[record.Topic!] = record;
                break;
            case MetadataChange.TopicDeleted:
                topics.Remove(record.Topic!);
                break;
            case MetadataChange.PartitionsAdded:
                topics[record.Topic!] = topics[record.Topic!] with { Replicas = [.. topics[record.Topic!].Replicas!, .. record.Replicas!] };
                break;
            case MetadataChange.ConfigurationChanged:
                topics[record.Topic!] = topics[record.Topic!] with { Configuration = record.Configuration };
                break;
            case MetadataChange.LeadersMoved:
                topics[record.Topic!] = topics[record.Topic!] with { Moves = record.Moves };
                break;
            case MetadataChange.ProducerIdsReserved:
                NextProducerId = record.NextProducerId;
                break;
        }
    }

    /// <summary>A crash while a topic was deleted leaves its directories behind.</summary>
    private void DeleteOrphans(Dictionary<string, MetadataRecord> topics)
    {
        foreach (var directory in Directory.EnumerateDirectories(_directory))
        {
            var name = Path.GetFileName(directory);
            var dash = name.LastIndexOf('-');
            if (dash > 0 && int.TryParse(name.AsSpan(dash + 1), out var partition)
                && !(topics.TryGetValue(name[..dash], out var topic) && partition < topic.Replicas!.Length))
                LogFiles.DeleteRemains(directory);
        }
    }

    private Topic Build(MetadataRecord record, Dictionary<string, string> configuration)
    {
        var empty = new Topic(record.Topic!, record.TopicId, record.Starts, [], configuration);
        return Extend(empty, record.Replicas!, record.Moves);
    }

    private Topic Extend(Topic topic, int[][] added, int[]? moves = null)
    {
        var settings = _settings.LogSettings(topic.Configuration);
        var partitions = new List<Partition>(topic.Partitions);
        foreach (var replicas in added)
        {
            var index = partitions.Count;
            var log = new PartitionLog(Path.Combine(_directory, $"{topic.Name}-{index}"), settings, _afterPowerLoss);

            // A cluster that comes back with fewer brokers than it had keeps its partitions on those there are.
            int[] present = [.. replicas.Where(r => r <= _brokers)];
            var partition = new Partition(topic.Name, topic.Id, index, present.Length > 0 ? present : [index % _brokers + 1], log);
            partition.Leader = InSync(partition).FirstOrDefault(Partition.NoLeader);
            partition.Moves = moves is not null && index < moves.Length ? moves[index] : 0;
            partition.LeaderEpoch = _starts - topic.CreatedAtStart + partition.Moves;
            partitions.Add(partition);
        }

        return topic with { Partitions = partitions };
    }

    private Topic Configure(Topic topic, IReadOnlyDictionary<string, string> configuration)
    {
        var settings = _settings.LogSettings(configuration);
        foreach (var partition in topic.Partitions)
            partition.Log.Settings = settings;
        return topic with { Configuration = configuration };
    }

    private void Put(Topic topic)
    {
        _byName = _byName.SetItem(topic.Name, topic);
        _byId = _byId.SetItem(topic.Id, topic);
    }
}
