using System.Globalization;

namespace Switchback.Clients.Tests.Clients;

/// <summary>Gives a producer a number every few milliseconds, until it is ended. While nothing is acknowledged it waits, as an application does whose buffer is full.</summary>
internal sealed class SteadyLoad : ClientSession
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly ClientSession _producer;
    private readonly int _mostUnacknowledged;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _feeding;

    /// <param name="mostUnacknowledged">How many may wait for their acknowledgement before it waits too.</param>
    public SteadyLoad(ClientSession producer, int mostUnacknowledged = 100)
    {
        (_producer, _mostUnacknowledged) = (producer, mostUnacknowledged);
        _feeding = FeedAsync();
    }

    public override IReadOnlyList<string> Acknowledged => _producer.Acknowledged;

    public override int AcknowledgedCount => _producer.AcknowledgedCount;

    public override bool HasEnded => _producer.HasEnded;

    public override string Complaints => _producer.Complaints;

    public override Task SendAsync(string value) => _producer.SendAsync(value);

    public override async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _feeding;
        await _producer.EndAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _feeding;
        await _producer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FeedAsync()
    {
        using var timer = new PeriodicTimer(Pace);
        try
        {
            for (var next = 0; ;)
            {
                // Long enough for those that read their input in pieces of a kilobyte.
                if (next - _producer.AcknowledgedCount < _mostUnacknowledged)
                    await _producer.SendAsync((next++).ToString("D100", CultureInfo.InvariantCulture));
                await timer.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Ended.
        }
    }
}
