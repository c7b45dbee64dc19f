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

    /// <summary>
    /// Work: from when it was there to be done until it was done; infinite where it never was. For a consumer that is every record sent to what it
    /// subscribes to, stored or not: whoever waits for its output waits for those.
    /// </summary>
    public IReadOnlyList<(double FromMs, double UntilMs)> Demand { get; private init; } = [];

    /// <summary>The times since when work that was never done could have been done: for a consumer only what is readable.</summary>
    public IReadOnlyList<double> Undone { get; private init; } = [];

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
            Undone = [.. sent.Where(record => record.Outcome != Outcome.Acknowledged).Select(record => record.SentMs), .. requests.Select(request => request.AtMs)],
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

        var topics = context.Applications.Sent.Values.Select(record => record.Topic).Distinct()
            .Where(topic => DeliveryCheck.Matches(client.Topic, topic)).ToHashSet(StringComparer.Ordinal);
        var readable = DeliveryCheck.Readable(context, [client], new HashSet<string> { client.Name }).Select(place => place.Id).OfType<string>().Distinct();
        return new ClientFlow(client)
        {
            Progress = [.. deliveries.Select(seen => (seen.AtMs, context.ClusterOf(seen)))],
            Demand =
            [
                .. context.Applications.Sent.Values.Where(record => topics.Contains(record.Topic))
                    .Select(record => (record.SentMs, first.GetValueOrDefault(record.Id, double.PositiveInfinity))),
            ],
            Undone =
            [
                .. readable.Where(id => !first.ContainsKey(id) && context.Applications.Sent.ContainsKey(id))
                    .Select(id => context.Applications.Sent[id].EndedMs ?? context.Applications.Sent[id].SentMs),
            ],
        };
    }
}
