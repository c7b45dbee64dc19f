using Microsoft.Extensions.Logging;
using Switchback.Mirror.Configuration;
using Switchback.Mirror.Groups;
using Switchback.Mirror.Links;
using Switchback.Mirror.Status;

namespace Switchback.Mirror;

/// <summary>A mirror: every link of a configuration, and what it says about them.</summary>
public static class MirrorProcess
{
    /// <summary>Runs the links until cancelled; they outlive every trouble of the clusters.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="log">Where the logs go.</param>
    /// <param name="ready">Called once, when every link was started: with the address of the status, or how many links there are.</param>
    /// <param name="cancellation">Ends everything.</param>
    /// <exception cref="IOException">The address to listen at cannot be had.</exception>
    public static async Task RunAsync(MirrorOptions options, ILogger log, Action<string> ready, CancellationToken cancellation)
    {
        var links = options.Links.Select(link => new MirrorLink(link, options, log)).ToList();
        var groups = links.Where(link => link.Options.SyncGroups).ToDictionary(link => link, link => new GroupSync(link, links, log));
        var server = options.Listen is { } endpoint
            ? await StatusServer.StartAsync(endpoint, ReadStatusAsync, ReadProgress, cancellation).ConfigureAwait(false)
            : null;
        try
        {
            var running = links.Select(link => link.RunAsync(cancellation)).Concat(groups.Values.Select(sync => sync.RunAsync(cancellation))).ToList();
            ready(server?.Address ?? $"{links.Count} {(links.Count == 1 ? "link" : "links")}");
            await Task.WhenAll(running).ConfigureAwait(false);
            if (!cancellation.IsCancellationRequested)
                await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (server is not null)
                await server.DisposeAsync().ConfigureAwait(false);
            foreach (var link in links)
                await link.DisposeAsync().ConfigureAwait(false);
        }

        async Task<MirrorStatus> ReadStatusAsync(CancellationToken ct) =>
            new(await Task.WhenAll(links.Select(link => StatusReader.ReadAsync(link, groups.GetValueOrDefault(link), ct))).ConfigureAwait(false));

        IEnumerable<ProgressLine> ReadProgress() =>
            from link in links
            from p in link.Session?.Partitions ?? []
            select new ProgressLine(link.Options.Name, p.Source.Topic, p.Target.Topic, p.Source.Partition, p.MirroredSource, p.MirroredTarget);
    }
}
