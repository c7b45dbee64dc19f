using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>The drill as its applications saw it: what they sent and how it ended, and what they were delivered.</summary>
internal sealed class ApplicationsView
{
    private readonly Dictionary<string, SentRecord> _sent = new(StringComparer.Ordinal);
    private readonly List<Observation> _deliveries = [];
    private readonly List<Observation> _rebalances = [];
    private readonly List<Observation> _commits = [];
    private readonly Dictionary<string, Transaction> _transactions = new(StringComparer.Ordinal);
    private readonly List<Anomaly> _defects = [];

    /// <summary>Every record sent, by id.</summary>
    public IReadOnlyDictionary<string, SentRecord> Sent => _sent;

    public IReadOnlyList<Observation> Deliveries => _deliveries;

    /// <summary>When the partitions of a consumer were given anew.</summary>
    public IReadOnlyList<Observation> Rebalances => _rebalances;

    /// <summary>The offset commits that consumers say were answered.</summary>
    public IReadOnlyList<Observation> Commits => _commits;

    /// <summary>Every transaction heard of, by id.</summary>
    public IReadOnlyDictionary<string, Transaction> Transactions => _transactions;

    /// <summary>What is wrong with the observations themselves.</summary>
    public IReadOnlyList<Anomaly> Defects => _defects;

    public static ApplicationsView Of(DrillEvidence evidence)
    {
        var view = new ApplicationsView();
        var topics = evidence.Facts.Clients.ToDictionary(client => client.Name, client => client.Topic, StringComparer.Ordinal);

        // The same line, its time to the microsecond included, is one line that was read twice: a log that was followed anew.
        foreach (var observation in evidence.Observations.Distinct())
        {
            view.Take(observation, observation.Topic ?? topics.GetValueOrDefault(observation.Client, ""));
        }

        view.EndTransactions();
        return view;
    }

    private void Take(Observation seen, string topic)
    {
        switch (seen.Kind)
        {
            case ObservationKind.Delivered:
                _deliveries.Add(seen);
                break;
            case ObservationKind.Sent when !_sent.TryAdd(seen.Id, New(seen, topic)):
                Defect(seen, $"{seen.Client} sent this id more than once: ids must be unique for a record to be followed");
                break;
            case ObservationKind.Acknowledged:
            case ObservationKind.Failed:
                End(seen, topic);
                break;
            case ObservationKind.Rebalanced:
                _rebalances.Add(seen);
                break;
            case ObservationKind.OffsetCommitted:
                _commits.Add(seen);
                break;
            case ObservationKind.Committing:
                Of(seen.Id).CommittingMs = seen.AtMs;
                break;
            case ObservationKind.Committed:
                Of(seen.Id).IsCommitted = true;
                break;
            case ObservationKind.Aborted:
                Of(seen.Id).IsAborted = true;
                break;
            case ObservationKind.Unreadable:
                _defects.Add(new Anomaly(
                    AnomalyKinds.Unaccounted, null, null, null, null, null, $"a line of {seen.Pod} could not be read: {seen.Error}", seen.Client));
                break;
        }
    }

    private Transaction Of(string id)
    {
        if (!_transactions.TryGetValue(id, out var transaction))
        {
            _transactions.Add(id, transaction = new Transaction());
        }

        return transaction;
    }

    /// <summary>What was acknowledged in a transaction is stored once that is committed, and not before.</summary>
    private void EndTransactions()
    {
        foreach (var record in _sent.Values.Where(record => record is { Transaction: not null, Outcome: Outcome.Acknowledged }))
        {
            var transaction = Of(record.Transaction!);
            if (transaction.IsAborted)
            {
                record.Outcome = Outcome.Failed;
                record.Error = "its transaction was aborted";
            }
            else if (!transaction.IsCommitted)
            {
                record.Outcome = Outcome.Unknown;
            }
        }
    }

    private void End(Observation seen, string topic)
    {
        if (!_sent.TryGetValue(seen.Id, out var record))
        {
            Defect(seen, $"{seen.Client} heard of a record that it never said it sent");
            record = New(seen, topic);
            _sent.Add(seen.Id, record);
        }

        // An acknowledgement is the stronger word: after one, the record has to be there.
        if (record.Outcome == Outcome.Acknowledged)
        {
            return;
        }

        record.Outcome = seen.Kind == ObservationKind.Acknowledged ? Outcome.Acknowledged : Outcome.Failed;
        record.EndedMs = seen.AtMs;
        record.Partition = seen.Partition;
        record.Offset = seen.Offset >= 0 ? seen.Offset : null;
        record.Error = seen.Error;
    }

    private void Defect(Observation seen, string detail) =>
        _defects.Add(new Anomaly(AnomalyKinds.Unaccounted, seen.Id, null, seen.Topic, seen.Partition, seen.Offset, detail, seen.Client));

    private SentRecord New(Observation seen, string topic) =>
        new() { Order = _sent.Count, Id = seen.Id, Client = seen.Client, Pod = seen.Pod, Topic = topic, Key = seen.Key, Transaction = seen.Transaction, SentMs = seen.AtMs };
}
