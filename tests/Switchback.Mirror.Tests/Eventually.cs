using System.Diagnostics;

namespace Switchback.Mirror.Tests;

/// <summary>Waits for a condition.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what, Func<Task<string>>? describe = null)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Deadline)
                Assert.Fail($"not within {Deadline.TotalSeconds} s: {what}. {(describe is null ? "" : await describe())}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
