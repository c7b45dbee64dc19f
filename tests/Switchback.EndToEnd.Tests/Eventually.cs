namespace Switchback.EndToEnd.Tests;

/// <summary>Waits for a condition with a deadline, and shows what was seen last when it does not come.</summary>
internal static class Eventually
{
    public static async Task TrueAsync<T>(Func<IEnumerable<T>> look, Func<IReadOnlyList<T>, bool> holds, TimeSpan within, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var end = DateTime.UtcNow + within;
        while (true)
        {
            IReadOnlyList<T> seen = [.. look()];
            if (holds(seen))
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, $"{what}: {string.Join("; ", seen)}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
