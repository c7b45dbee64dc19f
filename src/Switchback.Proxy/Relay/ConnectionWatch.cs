using System.Collections.Concurrent;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Relay;

/// <summary>
/// Looks at every open connection once a second, so that none needs timers of its own. Closes one whose broker has stalled, and one that was given another
/// broker than its listener stands for, as soon as the right one is there: the client believes to talk to that one, and would ask the stand-in
/// for its partitions for ever.
/// </summary>
internal sealed class ConnectionWatch(RelaySettings settings, UpstreamConnector connector)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<WatchedConnection, bool> _watched = new();

    public void Add(WatchedConnection connection) => _watched[connection] = true;

    public void Remove(WatchedConnection connection) => _watched.TryRemove(connection, out _);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var now = Environment.TickCount64;
            foreach (var (connection, _) in _watched)
            {
                if (connection.Stalls.Overdue(settings, now) is { } reason)
                {
                    connection.Close(reason);
                }
            }

            foreach (var standIns in _watched.Keys.Where(connection => connection.StandsInFor is not null).GroupBy(connection => connection.StandsInFor!.Value))
            {
                if (await IsThereAsync(standIns.Key, cancellation).ConfigureAwait(false))
                {
                    foreach (var connection in standIns)
                    {
                        connection.Close($"{standIns.Key} is reached again, and another broker stood in for it here");
                    }
                }
            }
        }
    }

    private async Task<bool> IsThereAsync(HostPort broker, CancellationToken cancellation)
    {
        try
        {
            using var connection = await connector.ConnectAsync(broker, LookPatience, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (UpstreamException)
        {
            return false;
        }
    }
}

/// <summary>One connection as the watch sees it.</summary>
internal sealed class WatchedConnection(HostPort? standsInFor, StallClock stalls, CancellationTokenSource stop)
{
    private volatile string? _closedBecause;

    public HostPort? StandsInFor => standsInFor;

    public StallClock Stalls => stalls;

    public string? ClosedBecause => _closedBecause;

    public void Close(string reason)
    {
        _closedBecause ??= reason;
        stop.Cancel();
    }
}

/// <summary>Since when a broker has been taking or sending what it has begun; written by the pumps, read by the watch.</summary>
internal sealed class StallClock
{
    private long _writingSince = long.MaxValue;
    private long _readingSince = long.MaxValue;

    public void WriteBegins() => Volatile.Write(ref _writingSince, Environment.TickCount64);

    public void WriteEnds() => Volatile.Write(ref _writingSince, long.MaxValue);

    /// <summary>A read in the middle of a response. Between responses a broker may rest as long as it likes.</summary>
    public void ReadBegins() => Volatile.Write(ref _readingSince, Environment.TickCount64);

    public void ReadEnds() => Volatile.Write(ref _readingSince, long.MaxValue);

    /// <summary>Why the connection should end, or null.</summary>
    public string? Overdue(RelaySettings settings, long now)
    {
        if (settings.WriteTimeout > TimeSpan.Zero && now - Volatile.Read(ref _writingSince) > settings.WriteTimeout.TotalMilliseconds)
        {
            return "the broker has taken no bytes for --kafka-write-timeout";
        }

        return settings.ReadTimeout > TimeSpan.Zero && now - Volatile.Read(ref _readingSince) > settings.ReadTimeout.TotalMilliseconds
            ? "the broker has stopped in the middle of a response for --kafka-read-timeout"
            : null;
    }
}
