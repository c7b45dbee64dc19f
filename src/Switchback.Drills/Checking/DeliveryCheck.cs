using System.Text.RegularExpressions;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// Whether each consuming application was delivered each record it could read, once. An application is a group: records may reach any of its
/// pods, from the origin topic or from a mirror's copy, on either cluster; each id need arrive once.
/// </summary>
internal static class DeliveryCheck
{
    public static IEnumerable<Anomaly> Run(CheckContext context)
    {
        var applications = context.Facts.Clients.Where(client => client.Role == ClientRole.Consumer).GroupBy(client => client.Group ?? client.Name);
        foreach (var application in applications)
        {
            var members = application.Select(client => client.Name).ToHashSet(StringComparer.Ordinal);
            var deliveries = context.Applications.Deliveries.Where(seen => members.Contains(seen.Client)).GroupBy(seen => seen.Id)
                .ToDictionary(seen => seen.Key, seen => seen.ToList(), StringComparer.Ordinal);
            var findings = Skipped(context, application, members, deliveries)
                .Concat(Twice(context, application.Key, deliveries))
                .Concat(PollOracle.Run(context, members))
                .Concat(RereadOracle.Run(context, application.Key, members, deliveries))
                .Concat(Invented(context, deliveries));
            foreach (var anomaly in findings)
            {
                yield return anomaly;
            }
        }
    }

    /// <summary>Whether a pattern as a consumer's configuration writes it matches a topic: whole, as Java's Pattern does.</summary>
    public static bool Matches(string pattern, string topic) =>
        Regex.IsMatch(topic, $"^(?:{pattern})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>The places an application could have read from: in the topics it subscribes to, on the clusters it was connected to.</summary>
    public static IEnumerable<ClusterRecord> Readable(CheckContext context, IEnumerable<ClientFact> application, IReadOnlySet<string> members)
    {
        var clusters = context.ClustersOf(members);
        var topics = context.Settled.Records.Select(record => record.Topic).Distinct()
            .Where(topic => application.Any(client => Matches(client.Topic, topic))).ToHashSet(StringComparer.Ordinal);
        return context.Settled.Records.Where(record => topics.Contains(record.Topic) && clusters.Contains(record.Cluster));
    }

    private static IEnumerable<Anomaly> Skipped(
        CheckContext context, IGrouping<string, ClientFact> application, HashSet<string> members, Dictionary<string, List<Observation>> deliveries)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var place in Readable(context, application, members))
        {
            if (place.Id is { } id && context.Applications.Sent.ContainsKey(id) && !deliveries.ContainsKey(id) && seen.Add(id))
            {
                yield return new Anomaly(AnomalyKinds.Skipped, id, place.Cluster, place.Topic, place.Partition, place.Offset,
                    $"readable, and never delivered to {application.Key}", application.First().Name);
            }
        }
    }

    private static IEnumerable<Anomaly> Twice(CheckContext context, string application, Dictionary<string, List<Observation>> deliveries)
    {
        foreach (var (id, times) in deliveries.Where(delivery => delivery.Value.Count > 1))
        {
            var last = times[^1];
            var where = string.Join("; ", times.Select(seen => FormattableString.Invariant(
                $"{context.ClusterOf(seen) ?? "?"} {seen.Topic}-{seen.Partition}@{seen.Offset} to {seen.Pod} at {seen.AtMs / 1000:0.000} s")));
            yield return new Anomaly(AnomalyKinds.DuplicatedDelivery, id, context.ClusterOf(last), last.Topic, last.Partition, last.Offset,
                $"delivered {times.Count} times to {application}: {where}", last.Client);
        }
    }

    private static IEnumerable<Anomaly> Invented(CheckContext context, Dictionary<string, List<Observation>> deliveries)
    {
        foreach (var (id, times) in deliveries)
        {
            if (!context.Applications.Sent.ContainsKey(id) && context.Settled.PlacesOf(id).Count == 0)
            {
                yield return new Anomaly(AnomalyKinds.Unaccounted, id, context.ClusterOf(times[0]), times[0].Topic, times[0].Partition, times[0].Offset,
                    "delivered, and neither sent by an application nor found in a cluster", times[0].Client);
            }
        }
    }
}
