namespace Switchback.Kafka.Tests;

/// <summary>Waits for a condition with a deadline, so that no test waits for luck.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            Assert.True(await timer.WaitForNextTickAsync(limit.Token));
    }
}
