using System.Globalization;
using Confluent.Kafka;
using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>What a client does with a cluster, whichever client and whichever cluster: the same tests straight and through the proxy, embedded and Apache Kafka's.</summary>
public abstract class ClientSuite
{
    private readonly ClientAtWork _work;
    private readonly ForeignClient _client;

    private protected ClientSuite(ForeignClient client, Clusters clusters, Target target) => (_client, _work) = (client, new ClientAtWork(client, clusters, target));

    [Fact]
    public Task What_it_produces_is_there_with_every_codec_it_has() => _work.UseAsync(async judge =>
    {
        var topic = _work.NewName("codecs");
        await judge.CreateTopicAsync(topic, 1);
        await Task.WhenAll(_client.Codecs.Select(async codec =>
        {
            await using var producer = await _client.ProduceAsync(_work.Pointed, topic, codec);
            foreach (var value in Values(codec))
                await producer.SendAsync(value);
            await producer.EndAsync();
            Assert.True(Values(codec).Order(StringComparer.Ordinal).SequenceEqual(producer.Acknowledged.Order(StringComparer.Ordinal)), $"{codec}: {producer.Complaints}");
        }));

        var expected = _client.Codecs.SelectMany(Values).Order(StringComparer.Ordinal).ToList();
        Same(await judge.ReadAllAsync(topic, 1), "in the log");
        Same(await _client.ReadAsync(_work.Pointed, topic, 0, 0, expected.Count), "as the client reads it");

        void Same(IReadOnlyList<Delivered> records, string where)
        {
            var found = records.Select(record => record.Value).Order(StringComparer.Ordinal).ToList();
            Assert.True(
                expected.SequenceEqual(found),
                $"{where}, {found.Count} of {expected.Count}: missing {string.Join(", ", expected.Except(found))}; twice {string.Join(", ", records.GroupBy(r => r.Value).Where(g => g.Count() > 1).SelectMany(g => g))}");
        }

        static List<string> Values(string codec) => [.. Numbers(0, 200).Select(number => $"{codec} {number} {new string('x', 100)}")];
    });

    [Fact]
    public Task It_shares_partitions_with_a_second_member_and_takes_them_back() => _work.UseAsync(judge => GroupSharing.PlayAsync(_work, judge, newProtocol: false));

    [Fact]
    public Task It_goes_to_an_offset_and_reads_from_there() => _work.UseAsync(async judge =>
    {
        var topic = _work.NewName("seek");
        await judge.CreateTopicAsync(topic, 1);
        await judge.ProduceAsync(topic, 0, Numbers(0, 100));
        foreach (var (offset, count) in new[] { (40, 20), (5, 10) })
        {
            var read = await _client.ReadAsync(_work.Pointed, topic, 0, offset, count);
            Assert.Equal(Enumerable.Range(offset, count).Select(i => new Delivered(0, i, i.ToString(CultureInfo.InvariantCulture))), read);
        }
    });

    [Fact]
    public Task Its_transactions_are_read_when_they_are_committed_and_not_when_aborted() => _work.UseAsync(async straight =>
    {
        Assert.SkipUnless(_client.Transacts, $"{_client.Name} has no transactions");
        var target = _client.WhereItTransacts(_work.Pointed, _work.Cluster);
        await using var elsewhere = new Judge(target);
        var judge = target == _work.Pointed ? straight : elsewhere;
        var (topic, group) = (_work.NewName("transactions"), _work.NewName("group"));
        await judge.CreateTopicAsync(topic, 1);

        // Apache Kafka names a coordinator before it has its groups, and not every client asks again.
        await judge.CommittedAsync(group, topic, 1);
        var committed = await _client.TransactAsync(target, judge, topic, group);
        Assert.NotEmpty(committed);

        // A commit is answered before the markers are written, and read when they are.
        IReadOnlyList<string> found = [];
        await Eventually.HoldsAsync(async () => (found = [.. (await judge.ReadAllAsync(topic, 1)).Select(r => r.Value)]).Count >= committed.Count, "the committed records are read");
        Assert.Equal(committed, found);
        Assert.True((await judge.ReadAllAsync(topic, 1, IsolationLevel.ReadUncommitted)).Count > committed.Count, "what was aborted is there for who asks for it");
        Assert.Equal(committed, (await _client.ReadAsync(target, topic, 0, 0, committed.Count)).Select(r => r.Value));
        if (_client.CommitsOffsetsInTransactions)
            Assert.Equal([7L], await judge.CommittedAsync(group, topic, 1));
    });

    [Fact]
    public async Task It_goes_on_after_the_cluster_was_killed_and_nothing_acknowledged_is_lost()
    {
        if (await _work.CrashAsync() is { } wrong)
            Assert.Fail(wrong);
    }

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => i.ToString(CultureInfo.InvariantCulture));
}
