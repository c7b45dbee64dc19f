using System.Collections.Concurrent;
using System.Globalization;
using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Suites;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests;

/// <summary>
/// Java's newest client copies a partition in transactions, some of which it aborts, into one that the broker leads which is about to die. What was committed is each record, once and in order.
/// </summary>
internal sealed class TransactionalCopy : IAsyncDisposable
{
    // Enough that it is at work when the broker dies: a thousand transactions, the broker dies after the first few.
    private const int Records = 4_000;
    private const int Partitions = 3;

    private static readonly List<string> Values = [.. Enumerable.Range(0, Records).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private readonly Judge _judge;
    private readonly string _to;
    private readonly Program _copier;
    private readonly ConcurrentQueue<string> _said;

    private TransactionalCopy(Judge judge, string to, Program copier, ConcurrentQueue<string> said) => (_judge, _to, _copier, _said) = (judge, to, copier, said);

    /// <summary>Starts it, and answers when it is at work.</summary>
    public static async Task<TransactionalCopy> StartAsync(Judge judge, ClientTarget target, int victim)
    {
        var (from, to) = ($"from-{Guid.NewGuid():N}", $"to-{Guid.NewGuid():N}");
        await judge.CreateTopicAsync(from, Partitions);
        await judge.CreateTopicAsync(to, Partitions);
        var partition = 0;
        while (await judge.LeaderAsync(to, partition) != victim)
            Assert.True(++partition < Partitions, $"broker {victim} leads nothing of {to}");
        await judge.ProduceAsync(from, partition, Values);
        var said = new ConcurrentQueue<string>();
        var copier = JavaClient.StartTool(
        [
            "transactional-message-copier", "--broker-list", target.Bootstrap, "--transactional-id", to, "--input-topic", from, "--input-partition", $"{partition}", "--output-topic", to,
            "--transaction-size", "4", "--consumer-group", to, "--max-messages", $"{Records}", "--enable-random-aborts", "--use-group-metadata",
            ],
            output: said.Enqueue);
        var copy = new TransactionalCopy(judge, to, copier, said);

        // It says a line of JSON for each transaction.
        await Eventually.HoldsAsync(() => Task.FromResult(copier.HasExited || said.Count >= 20), "transactions are committed", () => Task.FromResult(copy.Said), ClientAtWork.Patience);
        Assert.False(copier.HasExited, $"it ended before anything happened, with {(copier.HasExited ? copier.ExitCode : 0)}: {copy.Said}");
        return copy;
    }

    /// <summary>Waits until all is copied.</summary>
    public async Task EndsAsync()
    {
        await _copier.WaitAsync("the copier", () => Said);
        Assert.True(_copier.ExitCode == 0, $"the copier ended with {_copier.ExitCode}: {Said}");
        Assert.Equal(Values, await CopiedAsync());
    }

    private string Said => string.Join('\n', _said.TakeLast(10).Append(_copier.Errors));

    public ValueTask DisposeAsync() => _copier.DisposeAsync();

    private async Task<List<string>> CopiedAsync() => [.. (await _judge.ReadAllAsync(_to, Partitions)).Select(record => record.Value)];
}
