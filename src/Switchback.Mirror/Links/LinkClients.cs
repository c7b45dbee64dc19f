using Switchback.Kafka.Client;
using Switchback.Mirror.Configuration;

namespace Switchback.Mirror.Links;

/// <summary>
/// A link's connections. Long polls, and writes, have connections of their own: a broker answers the requests of a connection one after the
/// other, and questions must not wait behind a long poll.
/// </summary>
internal sealed class LinkClients : IAsyncDisposable
{
    public LinkClients(ClusterOptions source, ClusterOptions target, string link)
    {
        Reading = Create(source, link, "read");
        Source = Create(source, link, "ask");
        Writing = Create(target, link, "write");
        Target = Create(target, link, "ask");
    }

    /// <summary>For fetching.</summary>
    public ClusterClient Reading { get; }

    /// <summary>For everything else at the source.</summary>
    public ClusterClient Source { get; }

    /// <summary>For producing.</summary>
    public ClusterClient Writing { get; }

    /// <summary>For everything else at the target.</summary>
    public ClusterClient Target { get; }

    public async ValueTask DisposeAsync()
    {
        await Reading.DisposeAsync().ConfigureAwait(false);
        await Source.DisposeAsync().ConfigureAwait(false);
        await Writing.DisposeAsync().ConfigureAwait(false);
        await Target.DisposeAsync().ConfigureAwait(false);
    }

    private static ClusterClient Create(ClusterOptions cluster, string link, string purpose) => new(new ClusterClientOptions
    {
        Bootstrap = cluster.Properties.Bootstrap,
        Security = cluster.Properties.Security,
        ClientId = cluster.Properties.ClientId ?? $"switchback-mirror-{link}-{purpose}",
        RequestTimeout = TimeSpan.FromSeconds(10),
        Deadline = TimeSpan.FromSeconds(3),
        RetryDelay = TimeSpan.FromMilliseconds(50),
    });
}
