namespace Switchback.Reloader.Rolling;

/// <summary>
/// Keeps the heap small where every object read is garbage a moment later. The collector takes the size of its youngest generation from the processor's cache - 32 MB and more on
/// a server - which a small pod would pay for while it reads a large cluster.
/// </summary>
internal static class ShortLivedMemory
{
    private const long Budget = 4 << 20;
    private const long WorthGivingBack = 32 << 20;
    private static readonly TimeSpan LookForIdleness = TimeSpan.FromMilliseconds(250);
    private static long collectedAt;
    private static long givenBackAt;

    /// <summary>To be called after each object read or written: collects when enough was allocated since the last time.</summary>
    public static void Collect()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var last = Interlocked.Read(ref collectedAt);
        if (allocated - last > Budget && Interlocked.CompareExchange(ref collectedAt, allocated, last) == last)
        {
            GC.Collect(1, GCCollectionMode.Forced, blocking: true);
        }
    }

    /// <summary>To be called when a cluster has been read: what the reading left behind is given back to the system.</summary>
    public static void GiveBack()
    {
        Interlocked.Exchange(ref givenBackAt, GC.GetTotalAllocatedBytes());
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>
    /// Gives back what work has left behind whenever there is none: what outlived a collection while it was in use is found by a whole one only, whose pause nobody may wait for.
    /// </summary>
    public static async Task GiveBackWhenIdleAsync(Func<bool> isIdle, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LookForIdleness);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            if (GC.GetTotalAllocatedBytes() - Interlocked.Read(ref givenBackAt) > WorthGivingBack && isIdle())
            {
                GiveBack();
            }
        }
    }
}
