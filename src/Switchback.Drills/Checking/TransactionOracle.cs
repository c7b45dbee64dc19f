using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// Whether an application was delivered a record of a transaction that was aborted, or before its commit was even asked for. Allowed where the application's own
/// configuration says <c>isolation.level=read_uncommitted</c>.
/// </summary>
internal static class TransactionOracle
{
    public static IEnumerable<Anomaly> Run(CheckContext context)
    {
        var allowed = context.Facts.Clients.Where(client => client.ReadsUncommitted).Select(client => client.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var seen in context.Applications.Deliveries.Where(seen => !allowed.Contains(seen.Client)))
        {
            if (context.Applications.Sent.GetValueOrDefault(seen.Id)?.Transaction is not { } id)
            {
                continue;
            }

            var transaction = context.Applications.Transactions.GetValueOrDefault(id);
            if (transaction is { IsAborted: true })
            {
                yield return Of(context, AnomalyKinds.AbortedRead, seen, $"its transaction {id} was aborted");
            }
            else if (!(transaction?.CommittingMs <= seen.AtMs))
            {
                yield return Of(context, AnomalyKinds.PrecommittedRead, seen, $"delivered before the commit of its transaction {id} was asked for");
            }
        }
    }

    private static Anomaly Of(CheckContext context, string kind, Observation seen, string detail) =>
        new(kind, seen.Id, context.ClusterOf(seen), seen.Topic, seen.Partition, seen.Offset, detail, seen.Client);
}
