using System.Collections.Concurrent;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Writing;

/// <summary>
/// Writes outgoing batches to the target: a sender for each leader, each partition's batches in order, at most five requests on their way, as
/// idempotent producers may. Nothing is ever sent twice: whatever goes wrong ends the session, and the next one asks the target's log.
/// </summary>
internal sealed class TargetWriter(ClusterClient target, ProducerIdentity producer, LinkCounters counters, Action<Exception> fail, CancellationToken cancellation)
{
    private readonly ConcurrentDictionary<int, BrokerSender> _senders = new();

    /// <summary>Says that partitions may have something to send.</summary>
    public async Task SignalAsync(IReadOnlyList<PartitionMirror> partitions)
    {
        var byLeader = new Dictionary<int, List<PartitionMirror>>();
        foreach (var partition in partitions.Where(p => p.HasNext))
        {
            var leader = await target.GetLeaderAsync(partition.Target, cancellation).ConfigureAwait(false);
            if (!byLeader.TryGetValue(leader, out var list))
                byLeader[leader] = list = [];
            list.Add(partition);
        }

        foreach (var (leader, list) in byLeader)
            _senders.GetOrAdd(leader, id => new BrokerSender(this, id)).Signal(list);
    }

    /// <summary>Ends when every sender has: after the session was cancelled.</summary>
    public Task CompleteAsync() => Task.WhenAll(_senders.Values.Select(sender => sender.Running));

    private void Judge(ProduceResponse response, short version, IReadOnlyDictionary<(Guid, string, int), (PartitionMirror Partition, Shipment Shipment)> sent)
    {
        var answered = 0;
        foreach (var topic in response.Responses)
        {
            foreach (var answer in topic.PartitionResponses)
            {
                var key = version >= 13 ? (topic.TopicId, "", answer.Index) : (Guid.Empty, topic.Name, answer.Index);
                if (!sent.TryGetValue(key, out var entry))
                    continue;
                answered++;
                Judge(answer, entry.Partition, entry.Shipment);
            }
        }

        if (answered != sent.Count)
            throw new KafkaErrorException(KafkaError.UnknownServerError, "produce", "the response leaves partitions out");
    }

    private void Judge(ProduceResponse.PartitionProduceResponse answer, PartitionMirror partition, Shipment shipment)
    {
        if (partition.State != PartitionState.Copying)
            return;
        switch (answer.ErrorCode)
        {
            case KafkaError.None when answer.BaseOffset == shipment.TargetOffset:
                var bytes = shipment.Bytes.Length;
                partition.Acknowledge(shipment);
                counters.AddCopied(shipment.Batches, bytes);
                break;
            case KafkaError.None:
                throw new KafkaErrorException(KafkaError.UnknownServerError, $"produce to {partition.Target}",
                    $"the batch came to lie at {answer.BaseOffset} and {shipment.TargetOffset} was its place: somebody else writes to this topic");
            case KafkaError.InvalidProducerEpoch or KafkaError.ProducerFenced:
                throw new FencedException($"another mirror has taken over the link: {partition.Target} refused ours ({answer.ErrorCode})");
            case KafkaError.MessageTooLarge or KafkaError.RecordListTooLarge or KafkaError.InvalidRecord or KafkaError.InvalidTimestamp or KafkaError.TopicAuthorizationFailed or KafkaError.UnsupportedCompressionType or KafkaError.PolicyViolation:
                partition.Stop(PartitionState.Refused,
                    $"{partition.Target} refuses the batch of {shipment.Bytes.Length} bytes at source offset {partition.Map.ToSource(shipment.TargetOffset)}: {answer.ErrorCode} {answer.ErrorMessage}".TrimEnd());
                break;
            default:
                throw new KafkaErrorException(answer.ErrorCode, $"produce to {partition.Target}", answer.ErrorMessage);
        }
    }

    /// <summary>The one who sends to a broker.</summary>
    private sealed class BrokerSender : IDisposable
    {
        private const int RequestsInFlight = 5;
        private const int RequestBytes = 4 << 20;

        private readonly TargetWriter _writer;
        private readonly int _broker;
        private readonly Lock _lock = new();
        private readonly Queue<PartitionMirror> _listed = new();
        private readonly SemaphoreSlim _signal = new(0);
        private readonly SemaphoreSlim _inFlight = new(RequestsInFlight);

        public BrokerSender(TargetWriter writer, int broker)
        {
            (_writer, _broker) = (writer, broker);
            Running = Task.Run(RunAsync);
        }

        public Task Running { get; }

        public void Signal(IReadOnlyList<PartitionMirror> partitions)
        {
            lock (_lock)
            {
                foreach (var partition in partitions.Where(p => !p.IsListed))
                {
                    partition.IsListed = true;
                    _listed.Enqueue(partition);
                }

                // One release is enough for any number: a request takes all that are listed.
                if (_listed.Count > 0 && _signal.CurrentCount == 0)
                    _signal.Release();
            }
        }

        public void Dispose()
        {
            _signal.Dispose();
            _inFlight.Dispose();
        }

        private async Task RunAsync()
        {
            var cancellation = _writer.CancellationToken;
            try
            {
                while (true)
                {
                    await _signal.WaitAsync(cancellation).ConfigureAwait(false);
                    await _inFlight.WaitAsync(cancellation).ConfigureAwait(false);
                    if (!await SendListedAsync(cancellation).ConfigureAwait(false))
                        _inFlight.Release();
                }
            }
            catch (Exception e) when (LinkFailure.IsExpected(e))
            {
                _writer.Fail(e);
            }
        }

        /// <summary>One request with at most one batch a partition; false when nothing was ready.</summary>
        private async Task<bool> SendListedAsync(CancellationToken cancellation)
        {
            var shipments = new List<(PartitionMirror Partition, Shipment Shipment)>();
            var more = new List<PartitionMirror>();
            var bytes = 0L;
            int listed;
            lock (_lock)
                listed = _listed.Count;
            for (; listed > 0 && bytes < RequestBytes; listed--)
            {
                PartitionMirror partition;
                lock (_lock)
                {
                    partition = _listed.Dequeue();
                    partition.IsListed = false;
                }

                if (partition.State != PartitionState.Copying)
                    continue;
                if (partition.Take(_writer.Producer, out var announced) is not { } shipment)
                {
                    if (announced is not null)
                        SignalWhenAnnounced(partition, announced);
                    continue;
                }

                shipments.Add((partition, shipment));
                bytes += shipment.Bytes.Length;
                if (partition.HasNext)
                    more.Add(partition);
            }

            Signal(more);
            if (shipments.Count == 0)
                return false;
            var connection = await _writer.Target.ConnectToBrokerAsync(_broker, cancellation).ConfigureAwait(false);
            var version = connection.NegotiatedVersion(ProduceRequest.ApiKey);
            var request = new ProduceRequest { Acks = -1, TimeoutMs = 10_000 };
            var sent = new Dictionary<(Guid, string, int), (PartitionMirror, Shipment)>();
            foreach (var topic in shipments.GroupBy(entry => entry.Partition.Target.Topic))
            {
                var id = version >= 13 ? await _writer.Target.GetTopicIdAsync(topic.Key, cancellation).ConfigureAwait(false) : Guid.Empty;
                request.TopicData.Add(new ProduceRequest.TopicProduceData
                {
                    Name = topic.Key,
                    TopicId = id,
                    PartitionData = [.. topic.Select(entry => new ProduceRequest.PartitionProduceData { Index = entry.Partition.Target.Partition, Records = entry.Shipment.Bytes })],
                });
                foreach (var entry in topic)
                    sent[version >= 13 ? (id, "", entry.Partition.Target.Partition) : (Guid.Empty, topic.Key, entry.Partition.Target.Partition)] = entry;
            }

            // Requests leave in the order of these calls: each takes its turn at the connection before the call returns.
            _ = AwaitAsync(connection.SendAsync(request, version, cancellation), version, sent);
            return true;
        }

        private void SignalWhenAnnounced(PartitionMirror partition, Task announced) =>
            _ = announced.ContinueWith(
                done =>
                {
                    if (done.IsCompletedSuccessfully)
                        Signal([partition]);
                    else
                        _writer.Fail(done.Exception?.GetBaseException() ?? new OperationCanceledException());
                },
                TaskScheduler.Default);

        private async Task AwaitAsync(
            Task<ProduceResponse> response, short version, IReadOnlyDictionary<(Guid, string, int), (PartitionMirror Partition, Shipment Shipment)> sent)
        {
            try
            {
                _writer.Judge(await response.ConfigureAwait(false), version, sent);
            }
            catch (Exception e)
            {
                _writer.Fail(e);
            }
            finally
            {
                _inFlight.Release();
            }
        }
    }

    private ClusterClient Target => target;

    private ProducerIdentity Producer => producer;

    private CancellationToken CancellationToken => cancellation;

    private void Fail(Exception e) => fail(e);
}
