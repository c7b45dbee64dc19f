using Switchback.Broker.Fetching;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>
/// Fetch 4-18 for clients: sessions, topic ids, isolation, and waiting until there is enough to answer. Left out: followers (there is one copy of the data),
/// racks and preferred read replicas.
/// </summary>
internal sealed class FetchHandler(Cluster cluster) : RequestHandler<FetchRequest, FetchResponse>
{
    private readonly Dictionary<int, FetchSessions> _sessions = cluster.Brokers.ToDictionary(
        b => b.Id, _ => new FetchSessions(cluster.Settings.Int("max.incremental.fetch.session.cache.slots"), cluster.Time));

    protected override async ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        var plan = context.Version < 7
            ? new FetchSessions(0, cluster.Time).Plan(request, topicIds: false)
            : _sessions[context.Broker.Id].Plan(request, context.Version >= 13);
        if (plan.Error != KafkaError.None)
            return new FetchResponse { ErrorCode = plan.Error };
        var reader = new FetchReader(cluster, request, context);
        return Respond(plan, await ReadEnoughAsync(plan, request, reader, context), reader);
    }

    private async ValueTask<List<FetchedSlice>> ReadEnoughAsync(FetchPlan plan, FetchRequest request, FetchReader reader, RequestContext context)
    {
        var found = reader.Read(plan.Partitions);
        if (plan.Partitions.Count == 0 || found.Urgent || found.Bytes >= request.MinBytes || request.MaxWaitMs <= 0)
            return found.Slices;
        var logs = plan.Partitions.Select(reader.LogOf).OfType<Storage.PartitionLog>().ToList();
        using var wait = new FetchWait(logs, TimeSpan.FromMilliseconds(request.MaxWaitMs), cluster.Time);
        do
            found = reader.Read(plan.Partitions);
        while (!found.Urgent && found.Bytes < request.MinBytes && await wait.NextAsync(context.Stopping));
        return found.Slices;
    }

    private FetchResponse Respond(FetchPlan plan, List<FetchedSlice> slices, FetchReader reader)
    {
        var response = new FetchResponse { SessionId = plan.Session?.Id ?? 0 };
        foreach (var slice in slices)
        {
            reader.Fill(slice);
            var news = slice.Partition.HasNews(slice.Data);
            if (plan.IsIncremental && !news)
                continue;
            if (plan.IsIncremental && slice.Data.Records is { Length: > 0 })
                plan.Session!.MoveToBack(slice.Partition);
            Add(response, slice);
        }

        return response;
    }

    private void Add(FetchResponse response, in FetchedSlice slice)
    {
        var (topic, id) = (slice.Partition.Topic, slice.Partition.TopicId);
        if (response.Responses.Count == 0 || response.Responses[^1] is var last && (last.Topic != topic || last.TopicId != id))
            response.Responses.Add(new() { Topic = topic, TopicId = id });
        response.Responses[^1].Partitions.Add(slice.Data);
        var leaderId = slice.Data.CurrentLeader.LeaderId;
        if (leaderId >= 0 && cluster.Brokers.FirstOrDefault(b => b.Id == leaderId) is { } leader && response.NodeEndpoints.All(n => n.NodeId != leader.Id))
            response.NodeEndpoints.Add(new() { NodeId = leader.Id, Host = leader.Host, Port = leader.Port });
    }
}
