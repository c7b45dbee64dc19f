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
    // Enough that it is at work when the broker dies, on the faster cluster too.
    private const int Records = 20_000;
    private const int Partitions = 3;

    private static readonly List<string> Values = [.. Enumerable.Range(0, Records).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private readonly Judge _judge;
    private readonly string _to;
    private readonly Program _copier;

    private TransactionalCopy(Judge judge, string to, Program copier) => (_judge, _to, _copier) = (judge, to, copier);

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
        var copier = JavaClient.StartTool(
        [
            "transactional-message-copier", "--broker-list", target.Bootstrap, "--transactional-id", to, "--input-topic", from, "--input-partition", $"{partition}", "--output-topic", to,
            "--transaction-size", "4", "--consumer-group", to, "--max-messages", $"{Records}", "--enable-random-aborts", "--use-group-metadata",
        ]);
        var copy = new TransactionalCopy(judge, to, copier);
        await Eventually.HoldsAsync(async () => copier.HasExited || (await copy.CopiedAsync()).Count >= 50, "transactions are committed", () => Task.FromResult(copier.Errors), ClientAtWork.Patience);
        Assert.False(copier.HasExited, $"it ended before anything happened: {copier.Errors}");
        return copy;
    }

    /// <summary>Waits until all is copied.</summary>
    public async Task EndsAsync()
    {
        await _copier.WaitAsync("the copier");
        Assert.True(_copier.ExitCode == 0, $"the copier ended with {_copier.ExitCode}: {_copier.Errors}");
        Assert.Equal(Values, await CopiedAsync());
    }

    public ValueTask DisposeAsync() => _copier.DisposeAsync();

    private async Task<List<string>> CopiedAsync() => [.. (await _judge.ReadAllAsync(_to, Partitions)).Select(record => record.Value)];
}
