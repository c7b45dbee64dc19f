using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// One application over time: when it moved forward (acknowledgements of a producer, deliveries of a consumer), and when there was something to
/// move forward with.
/// </summary>
internal sealed class ClientFlow
{
    private ClientFlow(ClientFact client) => Client = client;

    public ClientFact Client { get; }

    /// <summary>Times of acknowledgements or deliveries, ascending, in milliseconds since the drill began; with the cluster each came from.</summary>
    public IReadOnlyList<(double AtMs, string? Cluster)> Progress { get; private init; } = [];

    /// <summary>Work: from when it was there to be done until it was done; infinite where it never was.</summary>
    public IReadOnlyList<(double FromMs, double UntilMs)> Demand { get; private init; } = [];

    public static ClientFlow Of(CheckContext context, ClientFact client) => client.Role == ClientRole.Producer ? Producer(context, client) : Consumer(context, client);

    private static ClientFlow Producer(CheckContext context, ClientFact client)
    {
        var sent = context.Applications.Sent.Values.Where(record => record.Client == client.Name).ToList();

        // A request that nobody took was something to acknowledge, too.
        var requests = context.Evidence.Requests.Where(request => request.Target == client.Name && !request.Succeeded);
        return new ClientFlow(client)
        {
            Progress =
            [
                .. sent.Where(record => record.Outcome == Outcome.Acknowledged)
                    .Select(record => (record.EndedMs!.Value, context.AcknowledgingCluster(record)))
                    .OrderBy(moment => moment.Value),
            ],
            Demand =
            [
                .. sent.Select(record => (record.SentMs, record.Outcome == Outcome.Acknowledged ? record.EndedMs!.Value : double.PositiveInfinity)),
                .. requests.Select(request => (request.AtMs, double.PositiveInfinity)),
            ],
        };
    }

    private static ClientFlow Consumer(CheckContext context, ClientFact client)
    {
        var deliveries = context.Applications.Deliveries.Where(seen => seen.Client == client.Name).OrderBy(seen => seen.AtMs).ToList();
        var first = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var seen in deliveries)
        {
            first.TryAdd(seen.Id, seen.AtMs);
        }

        var readable = DeliveryCheck.Readable(context, [client], new HashSet<string> { client.Name }).Select(place => place.Id).OfType<string>().Distinct();
        return new ClientFlow(client)
        {
            Progress = [.. deliveries.Select(seen => (seen.AtMs, context.ClusterOf(seen)))],
            Demand =
            [
                .. readable.Where(context.Applications.Sent.ContainsKey).Select(id =>
                {
                    var record = context.Applications.Sent[id];
                    return (record.EndedMs ?? record.SentMs, first.GetValueOrDefault(id, double.PositiveInfinity));
                }),
            ],
        };
    }
}
