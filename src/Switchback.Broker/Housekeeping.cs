namespace Switchback.Broker;

/// <summary>What a cluster does by itself from time to time, as often as Apache Kafka's keys say: keeping logs, groups, producers and transactions from growing old.</summary>
internal sealed class Housekeeping(Cluster cluster)
{
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        EveryAsync(cluster.Settings.RetentionCheckInterval, ApplyRetention, stopping),
        EveryAsync(cluster.Settings.FlushCheckInterval, FlushLogs, stopping),
        EveryAsync(cluster.Settings.LeaderCheckInterval, BalanceLeaders, stopping),
        EveryAsync(Interval("offsets.retention.check.interval.ms"), cluster.Groups.Expire, stopping),
        EveryAsync(Interval("producer.id.expiration.check.interval.ms"), ForgetProducers, stopping),
        EveryAsync(Interval("transaction.remove.expired.transaction.cleanup.interval.ms"), cluster.Transactions.Expire, stopping),
        EveryAsync(Interval("transaction.abort.timed.out.transaction.cleanup.interval.ms"), cluster.Transactions.AbortTimedOut, stopping));

    private TimeSpan? Interval(string key) => TimeSpan.FromMilliseconds(cluster.Settings.Long(key));

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

    private void ForgetProducers()
    {
        var silentSince = cluster.Now - cluster.Settings.Int("producer.id.expiration.ms");
        foreach (var partition in cluster.Topics.All.SelectMany(t => t.Partitions))
            partition.Log.ForgetProducers(silentSince);
    }

    private void BalanceLeaders() => cluster.BalanceLeaders();

    private void ApplyRetention()
    {
        foreach (var partition in cluster.Topics.All.SelectMany(t => t.Partitions))
            partition.Log.ApplyRetention(cluster.Now);
    }
}
