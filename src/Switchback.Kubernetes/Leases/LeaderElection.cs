using System.Globalization;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>
/// Agrees with other replicas on one leader, by a Lease, in the way Kubernetes' own components do (the clocks of the replicas are not compared: a Lease is
/// over when its record did not change for its duration, measured here).
/// </summary>
public sealed class LeaderElection(KubernetesClient client, LeaseOptions options, TimeProvider? clock = null)
{
    private readonly TimeProvider time = clock ?? TimeProvider.System;
    private string? observed;
    private long observedAt;
    private long renewedAt;
    private volatile bool leading;

    /// <summary>Whether this replica leads: it holds the Lease and renewed it within <see cref="LeaseOptions.RenewDeadline"/>.</summary>
    public bool IsLeader => leading && time.GetElapsedTime(Interlocked.Read(ref renewedAt)) < options.RenewDeadline;

    /// <summary>Called whenever leadership is won (true) or lost (false).</summary>
    public Action<bool>? Changed { get; init; }

    /// <summary>Called with each failed attempt; it is tried again.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>Takes part until <paramref name="cancellation"/>; then a held Lease is given back, so that the next leader need not wait.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            var held = false;
            try
            {
                using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                deadline.CancelAfter(options.RenewDeadline);
                held = await TryAcquireAsync(deadline.Token);
                if (held)
                {
                    // From before the request: the others count from when they see it, which is later.
                    Interlocked.Exchange(ref renewedAt, began);
                }
            }
            catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException or KubeConfigException or IOException
                || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // Another's change of the Lease is its success, not our failure.
                if (failure is not KubernetesException { IsConflict: true })
                {
                    Failed?.Invoke(failure);
                }

                held = IsLeader;
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (held != leading)
            {
                leading = held;
                Changed?.Invoke(held);
            }

            await Task.Delay(options.RetryPeriod, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ReleaseAsync();
    }

    private async Task<bool> TryAcquireAsync(CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var lease = await client.GetAsync(ResourceNames.Leases, options.Namespace, options.Name, cancellation);
        if (lease is null)
        {
            lease = ResourceNames.Leases.NewObject(options.Name, options.Namespace);
            Fill(lease, now, transitions: 0, taken: true);
            await client.CreateAsync(ResourceNames.Leases, lease, cancellation);
            return true;
        }

        var holder = lease.Text("spec", "holderIdentity") ?? "";
        var record = $"{holder} {lease.Text("spec", "renewTime")}";
        if (record != observed)
        {
            observed = record;
            observedAt = time.GetTimestamp();
        }

        var duration = TimeSpan.FromSeconds(lease.Number("spec", "leaseDurationSeconds") ?? 0);
        if (holder.Length > 0 && holder != options.Identity && time.GetElapsedTime(observedAt) < duration)
        {
            return false;
        }

        var taken = holder != options.Identity;
        Fill(lease, now, (lease.Number("spec", "leaseTransitions") ?? 0) + (taken ? 1 : 0), taken);
        await client.ReplaceAsync(ResourceNames.Leases, lease, cancellation);
        return true;
    }

    private void Fill(JsonObject lease, string now, long transitions, bool taken)
    {
        var spec = lease.Ensure("spec");
        spec["holderIdentity"] = options.Identity;
        spec["leaseDurationSeconds"] = (int)Math.Ceiling(options.Duration.TotalSeconds);
        spec["renewTime"] = now;
        spec["leaseTransitions"] = transitions;
        if (taken)
        {
            spec["acquireTime"] = now;
        }
    }

    private async Task ReleaseAsync()
    {
        if (!IsLeader)
        {
            return;
        }

        leading = false;
        Changed?.Invoke(false);
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            var lease = await client.GetAsync(ResourceNames.Leases, options.Namespace, options.Name, deadline.Token);
            if (lease?.Text("spec", "holderIdentity") == options.Identity)
            {
                lease.Ensure("spec")["holderIdentity"] = "";
                lease.Ensure("spec")["leaseDurationSeconds"] = 1;
                await client.ReplaceAsync(ResourceNames.Leases, lease, deadline.Token);
            }
        }
        catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            // The others will wait for its duration, as after a crash.
            Failed?.Invoke(failure);
        }
    }
}
