namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>Waits for a condition; the deadline is for a machine that hangs, not a measure.</summary>
internal static class Eventually
{
    public static Task TrueAsync(Func<bool> condition, string what, int seconds = 30) =>
        TrueAsync(() => Task.FromResult(condition()), what, seconds);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"did not come true within {seconds} s: {what}");
            await timer.WaitForNextTickAsync();
        }
    }
}
