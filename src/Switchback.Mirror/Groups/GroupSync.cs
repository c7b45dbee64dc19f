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
    private string? _unlisted;

    public int GroupCount => _twins.Count;

    /// <summary>Groups with members on both sides.</summary>
    public IReadOnlyList<string> Conflicts => _conflicts;

    /// <summary>Groups that were left behind when all were last looked at; null before the first look since the link copies, and while a broker cannot say which groups it has.</summary>
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

                string? failure;
                try
                {
                    failure = await SyncAsync(cancellation).ConfigureAwait(false);
                }
                catch (Exception e) when (LinkFailure.IsExpected(e) && !cancellation.IsCancellationRequested)
                {
                    _behind = null;
                    failure = e.Message;
                }

                if (failure is not null && failure != problem)
                    MirrorLog.GroupsFailed(log, link.Options.Name, failure);
                problem = failure;
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>One round. Answers the first failure that concerned a single broker or group: it keeps no other group from being followed.</summary>
    private async Task<string?> SyncAsync(CancellationToken cancellation)
    {
        if (_behind is null)
            await WakeTargetAsync(cancellation).ConfigureAwait(false);
        if (_listed == 0 || System.Diagnostics.Stopwatch.GetElapsedTime(_listed) >= ListInterval)
        {
            _unlisted = await ListAsync(cancellation).ConfigureAwait(false);
            _listed = System.Diagnostics.Stopwatch.GetTimestamp();
        }

        var failure = _unlisted;
        var behind = 0;
        var readings = _twins.Values.Select(twin => (Twin: twin, Reading: twin.ReadAsync(cancellation))).ToList();
        await ((Task)Task.WhenAll(readings.Select(reading => reading.Reading))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (twin, reading) in readings)
        {
            try
            {
                await twin.SyncAsync(await reading.ConfigureAwait(false), cancellation).ConfigureAwait(false);
                behind += twin.IsBehind ? 1 : 0;
            }
            catch (KafkaErrorException refused)
            {
                failure ??= refused.Message;
                behind++;
            }
        }

        var conflicts = _twins.Values.Where(twin => twin.IsConflict).Select(twin => twin.Group).Order().ToList();
        foreach (var group in conflicts.Except(_conflicts))
            MirrorLog.GroupConflict(log, link.Options.Name, group);
        _conflicts = conflicts;
        _behind = _unlisted is null ? behind : null;
        return failure;
    }

    /// <summary>A cluster that never had a group makes the topic of their offsets when the first coordinator is asked for, which takes seconds: better now than when there is a place to write.</summary>
    private async Task WakeTargetAsync(CancellationToken cancellation)
    {
        try
        {
            await link.Clients.Target.ConnectToCoordinatorAsync(CoordinatorType.Group, link.Options.TransactionalId, cancellation).ConfigureAwait(false);
        }
        catch (KafkaErrorException refused) when (refused.Error == KafkaError.GroupAuthorizationFailed)
        {
            // Rights for the groups that are followed are enough.
        }
    }

    /// <summary>Looks for groups: each broker knows those it coordinates. Answers why one could not be asked; then there may be groups that nobody follows.</summary>
    private async Task<string?> ListAsync(CancellationToken cancellation)
    {
        var source = link.Clients.Source;
        string? failure = null;
        foreach (var broker in source.Metadata.Brokers.Keys)
        {
            try
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
            catch (KafkaConnectionException unreachable)
            {
                failure ??= unreachable.Message;
            }
        }

        return failure;
    }
}
