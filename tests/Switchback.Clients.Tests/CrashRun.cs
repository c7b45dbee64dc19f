using System.Globalization;
using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Suites;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests;

/// <summary>
/// A cluster is killed under all clients at once, straight and through the proxy: one broker first, then all of it, which is started again on its data. Once;
/// with SWITCHBACK_LONG=1 five times, and Apache Kafka too.
/// </summary>
internal sealed class CrashRun
{
    private const int Partitions = 3;
    private const int Victim = 3;

    private readonly Dictionary<(string Client, string Target), string?> _wrong = [];

    private static readonly int Rounds = Campaigns.AreAskedFor ? 5 : 1;

    /// <summary>What a client saw that it should not have seen, or null.</summary>
    public string? WhatWentWrong(ForeignClient client, ClientTarget target) => _wrong[(client.Name, target.Name)];

    /// <summary>What became of transactions of Java's newest client, through the proxy, while a broker died.</summary>
    public string? WhatWentWrongWithTransactions { get; private set; }

    public static async Task<CrashRun> PlayAsync(TestedCluster cluster)
    {
        var run = new CrashRun();
        await using var judge = new Judge(cluster.Direct);
        List<ForeignClient> clients = [];
        foreach (var client in ForeignClient.All)
        {
            if (await client.WhyMissingAsync() is null)
                clients.Add(client);
        }

        var participants = await Task.WhenAll(
            from client in clients
            from target in new[] { cluster.Direct, cluster.ThroughProxy }
            select Participant.StartAsync(judge, client, target));
        try
        {
            await AllAsync("before anything happened", p => p.MovesOnAsync());
            await using (var copy = await run.CopyAsync(judge, cluster))
            {
                await cluster.KillAsync(Victim);
                await Task.WhenAll(AllAsync("with one broker dead", p => p.MovesOnAsync()), run.NoteAsync(copy));
                await cluster.StartAsync();
            }

            for (var round = 0; round < Rounds; round++)
            {
                await cluster.KillAsync();
                await cluster.StartAsync();
                await AllAsync("after the cluster was killed and came back", p => p.MovesOnAsync());
            }

            await AllAsync("at the end", p => p.EndAsync());
            await AllAsync("in the cluster", p => p.CheckAsync(judge));
        }
        finally
        {
            foreach (var participant in participants)
                await participant.DisposeAsync();
        }

        return run;

        async Task AllAsync(string when, Func<Participant, Task> phase) => await Task.WhenAll(participants.Select(async participant =>
        {
            lock (run._wrong)
            {
                if (run._wrong.GetValueOrDefault(participant.Key) is not null)
                    return;
            }

            try
            {
                await phase(participant);
                lock (run._wrong)
                    run._wrong[participant.Key] = null;
            }
            catch (Exception wrong)
            {
                lock (run._wrong)
                    run._wrong[participant.Key] = $"{participant.Key.Client} on {participant.Key.Target}, {when}: {wrong.Message}";
            }
        }));
    }

    private async Task<TransactionalCopy?> CopyAsync(Judge judge, TestedCluster cluster)
    {
        try
        {
            return ApacheKafka.Home is null ? null : await TransactionalCopy.StartAsync(judge, cluster.ThroughProxy, Victim);
        }
        catch (Exception wrong)
        {
            WhatWentWrongWithTransactions = wrong.Message;
            return null;
        }
    }

    private async Task NoteAsync(TransactionalCopy? copy)
    {
        try
        {
            await (copy?.EndsAsync() ?? Task.CompletedTask);
        }
        catch (Exception wrong)
        {
            WhatWentWrongWithTransactions = wrong.Message;
        }
    }

    /// <summary>One client on one target: a producer under a steady load, and a group that reads what it writes.</summary>
    private sealed class Participant(ForeignClient client, ClientTarget target, string topic, ClientSession producer, ClientSession consumer) : IAsyncDisposable
    {
        private const int Enough = 50;

        public (string Client, string Target) Key => (client.Name, target.Name);

        public static async Task<Participant> StartAsync(Judge judge, ForeignClient client, ClientTarget target)
        {
            var topic = $"crash-{Guid.NewGuid():N}";
            await judge.CreateTopicAsync(topic, Partitions);
            return new Participant(client, target, topic, await client.LoadAsync(target, topic), client.Join(target, topic, topic));
        }

        /// <summary>From now on more is acknowledged, and more is delivered.</summary>
        public async Task MovesOnAsync()
        {
            var (acknowledged, delivered) = (producer.AcknowledgedCount, consumer.DeliveredCount);
            await HoldsAsync(
                () => producer.AcknowledgedCount >= acknowledged + Enough && consumer.DeliveredCount >= delivered + Enough,
                () => $"{producer.AcknowledgedCount - acknowledged} more acknowledged, {consumer.DeliveredCount - delivered} more delivered");
        }

        /// <summary>The load ends; what was acknowledged is delivered to the group.</summary>
        public async Task EndAsync()
        {
            await producer.EndAsync();
            await HoldsAsync(() => NotIn(consumer.Delivered).Count == 0, () => $"not delivered: {string.Join(',', NotIn(consumer.Delivered).Take(20))}");
            await consumer.EndAsync();
        }

        public async Task CheckAsync(Judge judge)
        {
            var found = await judge.ReadAllAsync(topic, Partitions);
            Assert.Equal([], NotIn(found));
            if (!client.IsIdempotent)
                return;
            Assert.Equal(found.Count, found.Select(record => record.Value).Distinct().Count());
            Assert.All(found.GroupBy(record => record.Partition), partition =>
            {
                var numbers = partition.Select(record => int.Parse(record.Value, CultureInfo.InvariantCulture)).ToList();
                Assert.Equal(numbers.Order(), numbers);
            });
        }

        public async ValueTask DisposeAsync()
        {
            await producer.DisposeAsync();
            await consumer.DisposeAsync();
        }

        private List<string> NotIn(IEnumerable<Delivered> records) => [.. producer.Acknowledged.Except(records.Select(record => record.Value))];

        private async Task HoldsAsync(Func<bool> condition, Func<string> describe)
        {
            await Eventually.HoldsAsync(
                () => Task.FromResult(condition() || consumer.HasEnded), "it moves on", () => Task.FromResult($"{describe()}; {producer.Complaints}; {consumer.Complaints}"), ClientAtWork.Patience);
            Assert.True(condition(), $"the consumer gave up: {consumer.Complaints}");
        }
    }
}
