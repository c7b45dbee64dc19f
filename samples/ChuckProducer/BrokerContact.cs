using Confluent.Kafka;

namespace ChuckProducer;

/// <summary>
/// Whether records have a chance to get anywhere: asks the cluster for the topic until it answers, and again from when all brokers are lost.
/// A producer that is not ready gets no requests, so that fewer records end in a buffer which ends with its pod.
/// </summary>
internal sealed class BrokerContact
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IAdminClient _client;
    private readonly string _topic;
    private readonly object _gate = new();
    private volatile bool _ready;
    private volatile bool _reached;
    private volatile bool _stopped;
    private bool _lost;

    public BrokerContact(Handle handle, string topic)
    {
        _client = new DependentAdminClientBuilder(handle).Build();
        _topic = topic;
        new Thread(Follow) { IsBackground = true, Name = "broker contact" }.Start();
    }

    public bool IsReady => _ready;

    /// <summary>The cluster was there and is gone, which is another thing than one that was not reached yet.</summary>
    public bool IsLost => _reached && !_ready && !_stopped;

    public void Lost()
    {
        lock (_gate)
        {
            _ready = false;
            _lost = true;
            Monitor.Pulse(_gate);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _ready = false;
            Monitor.Pulse(_gate);
        }
    }

    private void Follow()
    {
        while (!_stopped)
        {
            lock (_gate)
            {
                _lost = false;
            }

            // An answer from before a loss says nothing about now.
            var answers = Answers();
            lock (_gate)
            {
                _ready = answers && !_lost && !_stopped;
                _reached |= _ready;
                if (!_stopped)
                {
                    Monitor.Wait(_gate, _ready ? Timeout.InfiniteTimeSpan : Pause);
                }
            }
        }
    }

    private bool Answers()
    {
        try
        {
            var topics = _client.GetMetadata(_topic, Patience).Topics;
            return topics.Count == 1 && topics[0].Partitions.Count > 0 && topics[0].Partitions.TrueForAll(p => p.Leader >= 0);
        }
        catch (KafkaException)
        {
            // Said by the client's own log already.
            return false;
        }
    }
}
