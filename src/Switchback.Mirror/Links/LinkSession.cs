using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Switchback.Kafka.Client;
using Switchback.Mirror.Configuration;
using Switchback.Mirror.Positions;
using Switchback.Mirror.Reading;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Links;

/// <summary>
/// One fenced stretch of a link's life: 1. take over, 2. read the breakpoints, 3. for each partition fence, find the position, copy; look for
/// new topics and partitions meanwhile. It ends with the first trouble at the target, whose outcome may be unknown: the next session asks the log.
/// </summary>
internal sealed class LinkSession : IDisposable
{
    private static readonly TimeSpan DiscoveryInterval = TimeSpan.FromMilliseconds(500);

    private readonly LinkOptions _link;
    private readonly TopicSelection _selection;
    private readonly LinkClients _clients;
    private readonly ProducerFence _fence;
    private readonly LinkCounters _counters;
    private readonly SourceHealth _health;
    private readonly ILogger _log;
    private readonly CheckpointLog _checkpoints;
    private readonly PositionFinder _positions;
    private readonly ConcurrentDictionary<TopicPartition, PartitionMirror> _bySource = new();
    private readonly ConcurrentDictionary<TopicPartition, PartitionMirror> _byTarget = new();
    private readonly ConcurrentDictionary<string, Guid> _targetIds = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _settingsLooked;

    public LinkSession(LinkOptions link, TopicSelection selection, LinkClients clients, ProducerFence fence, LinkCounters counters, SourceHealth health, ILogger log)
    {
        (_link, _selection, _clients, _fence, _counters, _health, _log) = (link, selection, clients, fence, counters, health, log);
        _checkpoints = new CheckpointLog(clients.Target, link.OffsetsTopic);
        _positions = new PositionFinder(clients.Source, clients.Target, _checkpoints);
    }

    public ICollection<PartitionMirror> Partitions => _bySource.Values;

    /// <summary>Whether every topic known at the start is being copied.</summary>
    public bool IsCopying { get; private set; }

    /// <summary>The link's breakpoints, and its memory of groups.</summary>
    public CheckpointLog Checkpoints => _checkpoints;

    public PartitionMirror? FindBySource(TopicPartition partition) => _bySource.GetValueOrDefault(partition);

    public PartitionMirror? FindByTarget(TopicPartition partition) => _byTarget.GetValueOrDefault(partition);

    /// <summary>Copies until cancelled or something fails.</summary>
    public async Task RunAsync(Action started, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var token = ending.Token;
        await OnSourceAsync(() => _clients.Source.RefreshMetadataAsync(null, token)).ConfigureAwait(false);
        var records = await OnTargetAsync(async () =>
        {
            await _clients.Target.RefreshMetadataAsync(null, token).ConfigureAwait(false);
            await _checkpoints.CreateAsync(token).ConfigureAwait(false);
            await _fence.TakeOverAsync(token).ConfigureAwait(false);
            await _fence.FenceAsync([_checkpoints.Partition], token).ConfigureAwait(false);
            return await _checkpoints.LoadAsync(_fence.Identity, token).ConfigureAwait(false);
        }).ConfigureAwait(false);

        var writer = new TargetWriter(_clients.Writing, _fence.Identity, _counters, Fail, token);
        var intake = new BatchIntake(_checkpoints, _counters, token);
        var reader = new SourceReader(_clients.Reading, _link.Source, intake, SignalAsync, Fail, _health, _counters, token);
        try
        {
            while (true)
            {
                await DiscoverAsync(reader, records, token).ConfigureAwait(false);
                await reader.FindLeadersAsync().ConfigureAwait(false);
                await FollowSettingsAsync(token).ConfigureAwait(false);
                if (!IsCopying)
                {
                    IsCopying = true;
                    started();
                }

                if (await Task.WhenAny(_failed.Task, Task.Delay(DiscoveryInterval, token)).ConfigureAwait(false) == _failed.Task)
                    await OnTargetAsync(() => _failed.Task).ConfigureAwait(false);
                token.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            IsCopying = false;
            await ending.CancelAsync().ConfigureAwait(false);
            await reader.CompleteAsync().ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }

        async Task SignalAsync(IReadOnlyList<PartitionMirror> partitions)
        {
            try
            {
                await writer.SignalAsync(partitions).ConfigureAwait(false);
            }
            catch (Exception e) when (LinkFailure.IsExpected(e))
            {
                Fail(e);
            }
        }
    }

    public void Dispose() => _checkpoints.Dispose();

    private void Fail(Exception e) => _failed.TrySetException(e);

    private async Task DiscoverAsync(SourceReader reader, IReadOnlyDictionary<TopicPartition, IReadOnlyList<CheckpointRecord>> records, CancellationToken cancellation)
    {
        // Also the sign of life of an idle target: what is away is noticed here.
        await OnTargetAsync(() => _clients.Target.RefreshMetadataAsync(null, cancellation)).ConfigureAwait(false);
        ClusterMetadata source;
        try
        {
            source = await _clients.Source.RefreshMetadataAsync(null, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsCopying && e is KafkaConnectionException or KafkaErrorException)
        {
            _health.ReportDiscovery($"source {_link.Source}: {e.Message}");
            return;
        }

        NoteGone(source);
        ThrowIfCreatedAgain(source);
        var added = (from topic in source.Topics.Values
                     where _selection.Takes(topic)
                     from partition in topic.Partitions
                     let name = new TopicPartition(topic.Name, partition.Index)
                     where !_bySource.ContainsKey(name)
                     select (Topic: topic, Source: name, Target: new TopicPartition(_selection.TargetName(topic.Name), partition.Index))).ToList();
        if (added.Count == 0)
        {
            _health.ReportGrowth(null);
            return;
        }

        await OnTargetAsync(async () =>
        {
            var refused = await MirrorTopics.EnsureAsync(_clients.Source, _clients.Target, [.. added.Select(a => (a.Topic, a.Target.Topic)).Distinct()], cancellation).ConfigureAwait(false);
            _health.ReportGrowth(refused.Count == 0 ? null : $"target {_link.Target}: {string.Join("; ", refused.Values)}");

            // What the target does not take is asked for again at the next look; the rest is copied.
            added.RemoveAll(a => refused.ContainsKey(a.Target.Topic) && _clients.Target.Metadata.FindPartition(a.Target) is null);
            await _fence.FenceAsync([.. added.Select(a => a.Target)], cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (added.Count == 0)
            return;
        var mirrors = await Task.WhenAll(added.Select(a => CreateAsync(a.Source, a.Target, a.Topic.Id, records, cancellation))).ConfigureAwait(false);
        await OnSourceAsync(() => _clients.Reading.RefreshMetadataAsync(null, cancellation)).ConfigureAwait(false);
        await OnTargetAsync(() => _clients.Writing.RefreshMetadataAsync(null, cancellation)).ConfigureAwait(false);
        await LimitJoiningAsync(mirrors, cancellation).ConfigureAwait(false);
        foreach (var mirror in mirrors)
        {
            _targetIds[mirror.Target.Topic] = _clients.Target.Metadata.Topics.GetValueOrDefault(mirror.Target.Topic)?.Id ?? Guid.Empty;
            _bySource[mirror.Source] = mirror;
            _byTarget[mirror.Target] = mirror;
        }

        reader.Add(mirrors);
    }

    /// <summary>Settings are worth a line when they cannot be followed, and nothing more: records go on.</summary>
    private async Task FollowSettingsAsync(CancellationToken cancellation)
    {
        if (_settingsLooked != 0 && Stopwatch.GetElapsedTime(_settingsLooked) < _link.TopicConfigInterval)
            return;
        _settingsLooked = Stopwatch.GetTimestamp();
        try
        {
            var copies = _bySource.Values.Where(p => p.State == PartitionState.Copying).Select(p => (Source: p.Source.Topic, Target: p.Target.Topic)).Distinct();
            await TopicSettings.FollowAsync(_clients.Source, _clients.Target, copies.ToDictionary(c => c.Source, c => c.Target), cancellation).ConfigureAwait(false);
            await LimitJoiningAsync(_bySource.Values, cancellation).ConfigureAwait(false);
            _health.SettingsFollow();
        }
        catch (Exception e) when (e is KafkaConnectionException or KafkaErrorException)
        {
            _health.ReportSettings(e.Message);
        }
    }

    private void ThrowIfCreatedAgain(ClusterMetadata source)
    {
        foreach (var partition in _bySource.Values)
        {
            if (source.Topics.TryGetValue(partition.Source.Topic, out var original) && original.Id != partition.SourceTopicId)
                throw new ResyncException($"{partition.Source.Topic} was deleted and created again on {_link.Source}");
            if (!_clients.Target.Metadata.Topics.TryGetValue(partition.Target.Topic, out var copy) || copy.Id != _targetIds.GetValueOrDefault(copy.Name))
                throw new ResyncException($"{partition.Target.Topic} was deleted on {_link.Target}");
        }
    }

    /// <summary>A topic that the source no longer shows was deleted, or the source is still starting.</summary>
    private void NoteGone(ClusterMetadata source)
    {
        var gone = _bySource.Keys.Select(p => p.Topic).Where(topic => !source.Topics.ContainsKey(topic)).Distinct().Order().ToList();
        if (gone.Count == 0)
            _health.DiscoveryWorks();
        else
            _health.ReportDiscovery($"source {_link.Source} no longer has {string.Join(", ", gone)}; what was copied of it stays on {_link.Target}");
    }

    private async Task<PartitionMirror> CreateAsync(
        TopicPartition source, TopicPartition target, Guid topicId, IReadOnlyDictionary<TopicPartition, IReadOnlyList<CheckpointRecord>> records, CancellationToken cancellation)
    {
        var position = await _positions.FindAsync(source, target, topicId, records.GetValueOrDefault(target) ?? [], cancellation).ConfigureAwait(false);
        if (position.Gap is { } gap)
            _counters.AddGap(source.ToString(), gap);
        if (position.Cut is { } cut)
        {
            _counters.AddCut(source.ToString(), cut);
            MirrorLog.SourceCut(_log, _link.Name, source, cut.IsNewTopic ? "was deleted and created again" : "was cut back", cut.FromOffset, cut.ToOffset);
        }

        var mirror = new PartitionMirror(source, target, topicId, position.Map, position.NextSource, position.NextTarget, position.SourceEpoch);
        if (position.State != PartitionState.Copying)
        {
            mirror.Stop(position.State, position.Problem!);
            MirrorLog.PartitionStopped(_log, _link.Name, position.State, position.Problem!);
        }
        else
        {
            // Not with the first batch: when all records are deleted later, this alone tells records from the markers of starts.
            await AnnounceAsync(mirror, cancellation).ConfigureAwait(false);
            MirrorLog.PartitionStarted(_log, _link.Name, source, position.NextSource, target, position.NextTarget);
        }

        return mirror;
    }

    private async Task LimitJoiningAsync(IEnumerable<PartitionMirror> mirrors, CancellationToken cancellation)
    {
        var byTopic = mirrors.ToLookup(mirror => mirror.Target.Topic);
        var largest = await TopicSettings.LargestBatchesAsync(_clients.Target, byTopic.Select(topic => topic.Key), cancellation).ConfigureAwait(false);
        foreach (var mirror in byTopic.SelectMany(topic => topic))
            mirror.JoinLimit = Math.Min(PartitionMirror.LargestJoined, largest.GetValueOrDefault(mirror.Target.Topic));
    }

    private Task AnnounceAsync(PartitionMirror mirror, CancellationToken cancellation)
    {
        var (next, place) = (mirror.FetchOffset, mirror.PlannedTarget);
        if (mirror.Map.Extrapolate(place) == next)
            return Task.CompletedTask;
        var breakpoint = new Breakpoint(place, next);
        mirror.Map.Add(breakpoint);
        return _checkpoints.WriteAsync(new CheckpointRecord(mirror.Target, mirror.SourceTopicId, [breakpoint]), cancellation);
    }

    private Task OnSourceAsync(Func<Task> ask) => OnAsync(true, _link.Source, async () =>
    {
        await ask().ConfigureAwait(false);
        return true;
    });

    private Task OnTargetAsync(Func<Task> ask) => OnTargetAsync(async () =>
    {
        await ask().ConfigureAwait(false);
        return true;
    });

    private Task<T> OnTargetAsync<T>(Func<Task<T>> ask) => OnAsync(false, _link.Target, ask);

    private static async Task<T> OnAsync<T>(bool isSource, string cluster, Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaConnectionException or KafkaErrorException or NotSupportedException)
        {
            throw new LinkSideException(isSource, cluster, e);
        }
    }
}
