using Microsoft.Extensions.Logging;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Groups;

/// <summary>
/// Keeps the groups of a link's source in step on its target: each committed offset is translated to the record, and written while nobody is
/// in the twin group there. Only forward, unless the source's own offset was seen to go back: the twin may have read further, after a failover.
/// </summary>
internal sealed class GroupSync(MirrorLink link, IReadOnlyList<MirrorLink> all, ILogger log)
{
    private static readonly TimeSpan ListInterval = TimeSpan.FromSeconds(1);

    private readonly OffsetTranslator _translator = new(link, all);
    private readonly GroupTransaction _gathering = new(link.Clients.Target, $"{link.Options.TransactionalId}-groups");
    private readonly Dictionary<string, GroupTwin> _twins = [];
    private volatile IReadOnlyList<string> _conflicts = [];
    private volatile object? _behind;
    private long _listed;

    public int GroupCount => _twins.Count;

    /// <summary>Groups with members on both sides.</summary>
    public IReadOnlyList<string> Conflicts => _conflicts;

    /// <summary>Groups that were left behind when all were last looked at; null before the first look since the link copies.</summary>
    public int? Behind => (int?)_behind;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(link.Options.GroupInterval);
        string? problem = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                if (link.State == LinkState.Fenced)
                    return;
                if (link.Session is not { IsCopying: true } || link.State != LinkState.Copying)
                {
                    _behind = null;
                    continue;
                }

                try
                {
                    await SyncAsync(cancellation).ConfigureAwait(false);
                    problem = null;
                }
                catch (Exception e) when (LinkFailure.IsExpected(e) && !cancellation.IsCancellationRequested)
                {
                    _behind = null;
                    if (problem != e.Message)
                        MirrorLog.GroupsFailed(log, link.Options.Name, e.Message);
                    problem = e.Message;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task SyncAsync(CancellationToken cancellation)
    {
        if (_listed == 0 || System.Diagnostics.Stopwatch.GetElapsedTime(_listed) >= ListInterval)
        {
            await ListAsync(cancellation).ConfigureAwait(false);
            _listed = System.Diagnostics.Stopwatch.GetTimestamp();
        }

        foreach (var twin in _twins.Values)
            await twin.SyncAsync(cancellation).ConfigureAwait(false);
        var conflicts = _twins.Values.Where(twin => twin.IsConflict).Select(twin => twin.Group).Order().ToList();
        foreach (var group in conflicts.Except(_conflicts))
            MirrorLog.GroupConflict(log, link.Options.Name, group);
        _conflicts = conflicts;
        _behind = _twins.Values.Count(twin => twin.IsBehind);
    }

    /// <summary>Looks for groups: each broker knows those it coordinates.</summary>
    private async Task ListAsync(CancellationToken cancellation)
    {
        var source = link.Clients.Source;
        foreach (var broker in source.Metadata.Brokers.Keys)
        {
            var response = await source.SendToBrokerAsync(broker, new ListGroupsRequest(), cancellation).ConfigureAwait(false);
            if (response.ErrorCode is KafkaError.CoordinatorLoadInProgress or KafkaError.CoordinatorNotAvailable)
                continue;
            if (response.ErrorCode != KafkaError.None)
                throw new KafkaErrorException(response.ErrorCode, "list groups");
            foreach (var group in response.Groups.Where(g => g.ProtocolType is "consumer" or ""))
            {
                if (!_twins.ContainsKey(group.GroupId) && link.Options.GroupFilter.Takes(group.GroupId))
                    _twins[group.GroupId] = new GroupTwin(group.GroupId, link, _translator, _gathering);
            }
        }
    }
}
