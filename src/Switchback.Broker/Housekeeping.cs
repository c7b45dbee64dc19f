namespace Switchback.Broker;

/// <summary>What a cluster does by itself from time to time: retention, forcing logs to disk, and transactions that took too long.</summary>
internal sealed class Housekeeping(Cluster cluster)
{
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        EveryAsync(cluster.Settings.RetentionCheckInterval, ApplyRetention, stopping),
        EveryAsync(cluster.Settings.FlushCheckInterval, FlushLogs, stopping),
        EveryAsync(TimeSpan.FromMilliseconds(cluster.Settings.Int("transaction.abort.timed.out.transaction.cleanup.interval.ms")), cluster.Transactions.AbortTimedOut, stopping));

    private async Task EveryAsync(TimeSpan? every, Action work, CancellationToken stopping)
    {
        if (every is not { } interval)
            return;
        using var timer = new PeriodicTimer(interval, cluster.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
                Attempt(work);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private void Attempt(Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure)
        {
            // Nobody waits for this work: a fault in it must neither end the cluster nor go unseen.
            cluster.Log.BackgroundFailed(failure);
        }
    }

    private void FlushLogs()
    {
        foreach (var partition in cluster.Topics.All.SelectMany(t => t.Partitions))
            partition.Log.FlushIfDue(cluster.Now);
    }

    private void ApplyRetention()
    {
        foreach (var partition in cluster.Topics.All.SelectMany(t => t.Partitions))
            partition.Log.ApplyRetention(cluster.Now);
    }
}
