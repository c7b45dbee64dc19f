using Switchback.Clients.Tests.Clients;

namespace Switchback.Clients.Tests.Suites;

/// <summary>A group whose members come and go while records keep coming.</summary>
internal sealed class GroupSharing
{
    private const int Partitions = 6;
    private const int Each = 10;

    private readonly ClientAtWork _work;
    private readonly Judge _judge;
    private readonly string _topic;
    private readonly string _group;
    private readonly bool _newProtocol;
    private int _produced;

    private GroupSharing(ClientAtWork work, Judge judge, bool newProtocol) =>
        (_work, _judge, _topic, _group, _newProtocol) = (work, judge, work.NewName("group"), work.NewName("group"), newProtocol);

    /// <summary>A second member comes, shares, and leaves; the first leaves too; a successor begins where it stood. Nothing is missed.</summary>
    public static async Task PlayAsync(ClientAtWork work, Judge judge, bool newProtocol)
    {
        var sharing = new GroupSharing(work, judge, newProtocol);
        await judge.CreateTopicAsync(sharing._topic, Partitions);
        await sharing.ShareAsync();
        Assert.Equal(Enumerable.Repeat((long)sharing._produced, Partitions), await judge.CommittedAsync(sharing._group, sharing._topic, Partitions));
        await sharing.SucceedAsync();
    }

    private async Task ShareAsync()
    {
        await using var first = Join();
        await HoldsAsync(() => first.Assigned.Count == Partitions, first);
        await ProduceAsync();
        await HoldsAsync(() => IsAllRead(first), first);

        await using var second = Join();
        await HoldsAsync(() => first.Assigned.Count > 0 && second.Assigned.Count > 0 && first.Assigned.Concat(second.Assigned).Order().SequenceEqual(Enumerable.Range(0, Partitions)), first, second);
        await ProduceAsync();
        await HoldsAsync(() => IsAllRead(first, second), first, second);

        // A member that has just lost a partition may still deliver what it had fetched of it: the second's turn comes.
        for (var again = 0; second.Delivered.Count == 0; again++)
        {
            Assert.True(again < 20, $"the second member gets nothing: {second.Complaints}");
            await ProduceAsync();
            await HoldsAsync(() => IsAllRead(first, second), first, second);
        }

        await second.EndAsync();

        await HoldsAsync(() => first.Assigned.Count == Partitions, first);
        await ProduceAsync();
        await HoldsAsync(() => IsAllRead(first, second), first);
        await first.EndAsync();
    }

    private async Task SucceedAsync()
    {
        var before = _produced;
        await using var successor = Join();
        await HoldsAsync(() => successor.Assigned.Count == Partitions, successor);
        await ProduceAsync();
        await HoldsAsync(() => Count(successor) == Partitions * (_produced - before), successor);
        Assert.All(successor.Delivered, record => Assert.True(record.Offset >= before, $"read again: {record}"));
        await successor.EndAsync();
    }

    private ClientSession Join() => _work.Client.Join(_work.Pointed, _topic, _group, _newProtocol);

    private async Task ProduceAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition =>
            _judge.ProduceAsync(_topic, partition, Enumerable.Range(_produced, Each).Select(i => FormattableString.Invariant($"{partition}-{i}")))));
        _produced += Each;
    }

    private bool IsAllRead(params ClientSession[] members) => Count(members) == Partitions * _produced;

    private static int Count(params ClientSession[] members) => members.SelectMany(member => member.Delivered).Select(record => (record.Partition, record.Offset)).Distinct().Count();

    private static Task HoldsAsync(
        Func<bool> condition, ClientSession first, ClientSession? second = null, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string what = "") =>
        Eventually.HoldsAsync(() => Task.FromResult(condition()), what, () => Task.FromResult($"{Described(first)} {(second is null ? "" : Described(second))}"), ClientAtWork.Patience);

    private static string Described(ClientSession session) => $"[{string.Join(',', session.Assigned)}] {session.DeliveredCount} records; {session.Complaints}";
}
