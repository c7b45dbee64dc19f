using Switchback.Bench.Load;

namespace Switchback.Bench.Brokers;

/// <summary>Ours and Apache Kafka, behind listeners of one kind, measured in turns.</summary>
internal sealed record BrokerPair(MeasuredBroker Ours, MeasuredBroker Rival) : IAsyncDisposable
{
    /// <summary>Whoever begins a round has a disk at rest: it is the other one each time.</summary>
    public IEnumerable<(MeasuredBroker Broker, bool IsOurs)> InTurn(int round) =>
        round % 2 == 0 ? [(Ours, true), (Rival, false)] : [(Rival, false), (Ours, true)];

    /// <summary>Apache Kafka's tools, aimed at one of the two.</summary>
    public PerfTools Tools(MeasuredBroker broker) => new(Rival.Kafka!, broker.Endpoint.ToString(), broker.Configuration);

    public static async Task<BrokerPair> StartAsync(string program, string folder, bool secure, CancellationToken cancellation)
    {
        var rivalFolder = Path.Combine(folder, "apache");
        var rival = await MeasuredBroker.ApacheAsync(rivalFolder, secure, cancellation);
        try
        {
            return new BrokerPair(await MeasuredBroker.EmbeddedAsync(program, Path.Combine(folder, "embedded"), secure, rivalFolder, cancellation), rival);
        }
        catch
        {
            await rival.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Ours.DisposeAsync();
        await Rival.DisposeAsync();
    }
}
