using System.Diagnostics;
using System.Text;
using ChuckClient;
using Confluent.Kafka;

namespace ChuckConsumer;

/// <summary>Polls, prints, commits: each poll's records are committed before the next poll, as a Java loop with commitSync does.</summary>
internal sealed class RecordReader
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    // A commit waits for its coordinator for as long as there is none, and nothing else is heard meanwhile.
    private static readonly TimeSpan Unanswered = TimeSpan.FromSeconds(2);

    private readonly ClientProperties _properties;
    private readonly LedgerLog _ledger;
    private readonly ClientLog _log;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly bool _commits;

    // The next offset of each partition that was read from since the last commit, with the leader epoch of the record before it, as Java's commitSync gives it: by that a client that asks
    // notices that the log was cut back since (KIP-320).
    private readonly Dictionary<TopicPartition, TopicPartitionOffset> _uncommitted = [];
    private long _committingSince;

    public RecordReader(ClientProperties properties, LedgerLog ledger, ClientLog log)
    {
        _properties = properties;
        _ledger = ledger;
        _log = log;
        _commits = properties.Settings["enable.auto.commit"] == "false";
        _consumer = new ConsumerBuilder<byte[], byte[]>(properties.Settings)
            .SetLogHandler((_, message) => log.Say(message))
            .SetErrorHandler((_, error) => log.Say(error))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnLost(partitions))
            .Build();
    }

    /// <summary>True while a commit has had no answer for so long that none is to be expected: the group cannot be left either.</summary>
    public bool HasLostKafka => Volatile.Read(ref _committingSince) is > 0 and var since && Stopwatch.GetElapsedTime(since) > Unanswered;

    /// <summary>Names the topics to read; the group is joined by reading.</summary>
    /// <exception cref="ArgumentException">librdkafka does not take the pattern.</exception>
    public void Subscribe()
    {
        try
        {
            _consumer.Subscribe(SubscriptionPattern.FromJava(_properties.Topic));
        }
        catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_InvalidArg)
        {
            throw new ArgumentException($"topic: '{_properties.Topic}' is not a pattern that librdkafka takes (an extended POSIX expression)", e);
        }
    }

    /// <summary>Reads until told to stop, then leaves the group so that its partitions go to somebody else at once.</summary>
    /// <exception cref="KafkaException">The client can read nothing any more.</exception>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Poll(stop);
            Commit();
        }

        _consumer.Close();
    }

    private void Poll(CancellationToken stop)
    {
        var wait = PollTime;
        for (var records = 0; records < _properties.MaxPollRecords && !stop.IsCancellationRequested; records++)
        {
            ConsumeResult<byte[], byte[]>? result;
            try
            {
                result = _consumer.Consume(wait);
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                // A broker that is away, a topic that is not there yet: the client goes on trying.
                _log.Say(e.Error);
                return;
            }

            if (result?.Message is null)
            {
                return;
            }

            Deliver(result);
            wait = TimeSpan.Zero;
        }
    }

    private void Deliver(ConsumeResult<byte[], byte[]> result)
    {
        var value = result.Message.Value ?? [];
        var record = $"({Text(result.Message.Key)}, {Text(result.Message.Value)}, {result.Partition.Value}, {result.Offset.Value})";
        var text = $"Consumer Record:{record}, from Topic: {result.Topic}";
        if (RecordId.Find(value) is { } id)
        {
            _ledger.Delivered(id, result.Topic, result.Partition, result.Offset, text);
        }
        else
        {
            _ledger.Text(text);
        }

        _uncommitted[result.TopicPartition] = new TopicPartitionOffset(result.TopicPartition, result.Offset + 1, result.LeaderEpoch);
    }

    private void Commit()
    {
        if (_uncommitted.Count == 0 || !_commits)
        {
            return;
        }

        Volatile.Write(ref _committingSince, Stopwatch.GetTimestamp());
        try
        {
            _consumer.Commit(_uncommitted.Values);
        }
        catch (KafkaException e)
        {
            // The next commit covers these too; if a rebalance comes first, they are read twice.
            _log.Say($"commit failed: {e.Error.Code}: {e.Error.Reason}");
            return;
        }
        finally
        {
            Volatile.Write(ref _committingSince, 0);
        }

        foreach (var next in _uncommitted.Values)
        {
            _ledger.OffsetCommitted(_properties.Settings["group.id"], next.Topic, next.Partition, next.Offset);
        }

        _uncommitted.Clear();
    }

    private void OnAssigned(List<TopicPartition> partitions)
    {
        _ledger.Rebalanced("assigned");
        _log.Say($"assigned: {string.Join(", ", partitions)}");
    }

    private void OnRevoked(List<TopicPartitionOffset> partitions)
    {
        Commit();
        Forget(partitions);
        _ledger.Rebalanced("revoked");
        _log.Say($"revoked: {string.Join(", ", partitions)}");
    }

    private void OnLost(List<TopicPartitionOffset> partitions)
    {
        Forget(partitions);
        _ledger.Rebalanced("lost");
        _log.Say($"lost: {string.Join(", ", partitions)}");
    }

    private void Forget(List<TopicPartitionOffset> partitions) => partitions.ForEach(p => _uncommitted.Remove(p.TopicPartition));

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Encoding.UTF8.GetString(bytes);
}
