using System.Collections.Concurrent;
using Switchback.Reloader.Rolling;

namespace Switchback.Reloader.Tests.Rolling;

public sealed class DueQueueTests : IAsyncDisposable
{
    private DueQueue<string> queue = new(TimeProvider.System, parallelism: 4);
    private readonly ConcurrentQueue<string> handled = new();
    private readonly CancellationTokenSource ending = new();
    private Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
        ending.Dispose();
        queue.Dispose();
    }

    [Fact]
    public async Task Keys_come_when_they_are_due_and_each_once()
    {
        OneAtATime();
        queue.Add("late", TimeSpan.FromMilliseconds(300));
        queue.Add("soon", TimeSpan.FromMilliseconds(50));
        queue.Add("soon", TimeSpan.FromMilliseconds(100));
        queue.Add("late", TimeSpan.FromMilliseconds(400));
        Run(key => Task.CompletedTask);
        await Eventually.HoldsAsync(() => queue.Depth == 0, "an empty queue");
        Assert.Equal(["soon", "late"], handled);
    }

    [Fact]
    public async Task A_rescheduled_key_waits_for_its_new_time()
    {
        OneAtATime();
        queue.Add("a", TimeSpan.Zero);
        queue.Reschedule("a", TimeSpan.FromMilliseconds(300));
        queue.Add("b", TimeSpan.FromMilliseconds(100));
        Run(key => Task.CompletedTask);
        await Eventually.HoldsAsync(() => queue.Depth == 0, "an empty queue");
        Assert.Equal(["b", "a"], handled);
    }

    [Fact]
    public async Task A_key_is_never_handled_twice_at_once_and_again_when_it_was_queued_meanwhile()
    {
        var gate = new TaskCompletionSource();
        var (now, most) = (0, 0);
        queue.Add("a", TimeSpan.Zero);
        Run(async key =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await gate.Task;
            Interlocked.Decrement(ref now);
        });
        await Eventually.HoldsAsync(() => now == 1, "the first");
        queue.Add("a", TimeSpan.Zero);
        queue.Add("b", TimeSpan.Zero);
        await Eventually.HoldsAsync(() => now == 2, "another key beside it");
        gate.SetResult();
        await Eventually.HoldsAsync(() => queue.Depth == 0, "an empty queue");
        Assert.Equal(2, handled.Count(key => key == "a"));
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task What_a_handler_throws_ends_the_queue()
    {
        queue.Add("a", TimeSpan.Zero);
        Run(_ => throw new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancelled_it_ends_after_what_was_begun()
    {
        var began = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        queue.Add("a", TimeSpan.Zero);
        Run(async _ =>
        {
            began.SetResult();
            await gate.Task;
        });
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await ending.CancelAsync();
        Assert.False(running.IsCompleted);
        gate.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    /// <summary>Handlers at the same time end in any order.</summary>
    private void OneAtATime()
    {
        queue.Dispose();
        queue = new DueQueue<string>(TimeProvider.System, parallelism: 1);
    }

    private void Run(Func<string, Task> handle) => running = queue.RunAsync(
        key =>
        {
            handled.Enqueue(key);
            return handle(key);
        },
        ending.Token);
}
