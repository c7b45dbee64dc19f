using ChuckClient;
using Confluent.Kafka;

namespace ChuckProducer;

/// <summary>
/// Sends facts and writes down what becomes of each. The keys are few, so that the order of records with one key can be checked; a record
/// is noted as sent and handed to the client under its key's lock, so that the noted order is the order of sending.
/// </summary>
internal sealed class FactProducer
{
    private const int KeyCount = 8;

    private readonly ClientProperties _properties;
    private readonly LedgerLog _ledger;
    private readonly ClientLog _log;
    private readonly IProducer<string, byte[]> _producer;
    private readonly (string Name, Lock Order)[] _keys;
    private readonly BrokerContact _contact;
    private readonly TaskCompletionSource _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _count;

    public FactProducer(ClientProperties properties, LedgerLog ledger, ClientLog log)
    {
        _properties = properties;
        _ledger = ledger;
        _log = log;
        _keys = [.. Enumerable.Range(0, KeyCount).Select(n => ($"{properties.ClientId}-{n}", new Lock()))];
        _producer = new ProducerBuilder<string, byte[]>(properties.Settings)
            .SetLogHandler((_, message) => log.Say(message))
            .SetErrorHandler((_, error) => OnError(error))
            .Build();
        _contact = new BrokerContact(_producer.Handle, properties.Topic);
    }

    /// <summary>True while the cluster has been reached and not been lost since.</summary>
    public bool IsReady => _contact.IsReady;

    /// <summary>True from when all brokers are gone until one answers again: what is sent now has no place to go to but the buffer.</summary>
    public bool HasLostKafka => _contact.IsLost;

    /// <summary>Ends when the client can send nothing any more: only a new process helps.</summary>
    public Task Fatal => _fatal.Task;

    /// <summary>Hands a record over. The task ends with the delivery report: null, or why the record was given up.</summary>
    public Task<string?> Send(FactRecord record)
    {
        var report = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (key, order) = _keys[Interlocked.Increment(ref _count) % KeyCount];
        lock (order)
        {
            _ledger.Sent(record.Id, _properties.Topic, key);
            try
            {
                var message = new Message<string, byte[]> { Key = key, Value = record.Value() };
                _producer.Produce(_properties.Topic, message, delivery => OnDelivery(record, delivery, report));
            }
            catch (ProduceException<string, byte[]> e)
            {
                Fail(record, e.Error, report);
            }
        }

        return report.Task;
    }

    /// <summary>Waits for what is still on its way. What is left after that has no outcome: the ledger shows it as sent only.</summary>
    public void Flush(TimeSpan atMost)
    {
        _contact.Stop();
        var left = _producer.Flush(atMost);
        if (left > 0)
        {
            _log.Say($"{left} records were not delivered within {atMost.TotalSeconds:0} s and are given up without a report");
        }
    }

    private void OnDelivery(FactRecord record, DeliveryReport<string, byte[]> delivery, TaskCompletionSource<string?> report)
    {
        if (delivery.Error.IsError)
        {
            Fail(record, delivery.Error, report);
            return;
        }

        _ledger.Acknowledged(record.Id, delivery.Topic, delivery.Partition, delivery.Offset);
        report.SetResult(null);
    }

    private void Fail(FactRecord record, Error error, TaskCompletionSource<string?> report)
    {
        var reason = $"{error.Code}: {error.Reason}";
        _ledger.Failed(record.Id, reason);
        report.SetResult(reason);
    }

    private void OnError(Error error)
    {
        _log.Say(error);
        if (error.Code == ErrorCode.Local_AllBrokersDown)
        {
            _contact.Lost();
        }

        if (error.IsFatal)
        {
            _fatal.TrySetResult();
        }
    }
}
