using System.Runtime.CompilerServices;

namespace Switchback.Testing;

/// <summary>Waits for a condition. The deadline is for a machine that hangs, not a measure: it fails the test and says what was waited for.</summary>
public static class Eventually
{
    /// <summary>The deadline where a test gives none: enough for a small machine under load.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "", TimeSpan? within = null) =>
        HoldsAsync(() => Task.FromResult(condition()), what, within: within);

    /// <summary>Waits until <paramref name="condition"/> holds; <paramref name="describe"/> says what is there instead when it does not.</summary>
    public static async Task HoldsAsync(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "", Func<Task<string>>? describe = null, TimeSpan? within = null)
    {
        var deadline = within ?? Deadline;
        var end = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (Environment.TickCount64 > end)
                Assert.Fail($"not within {deadline.TotalSeconds} s: {what}. {(describe is null ? "" : await describe())}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until what <paramref name="look"/> sees is right; a failure shows what was seen last.</summary>
    public static async Task SeenAsync<T>(Func<IEnumerable<T>> look, Func<IReadOnlyList<T>, bool> right, string what, TimeSpan? within = null)
    {
        IReadOnlyList<T> seen = [];
        await HoldsAsync(() => Task.FromResult(right(seen = [.. look()])), what, () => Task.FromResult("seen: " + string.Join("; ", seen)), within);
    }
}
