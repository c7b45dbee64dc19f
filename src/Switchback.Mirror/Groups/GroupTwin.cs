using System.Diagnostics;
using Switchback.Kafka.Client;
using Switchback.Mirror.Links;
using Switchback.Mirror.Positions;

namespace Switchback.Mirror.Groups;

/// <summary>One group of the source and its twin on the target.</summary>
internal sealed class GroupTwin(string group, MirrorLink link, OffsetTranslator translator, GroupTransaction gathering)
{
    // While somebody is in the twin, it is looked at this often.
    private static readonly TimeSpan TwinInterval = TimeSpan.FromMilliseconds(500);

    private readonly GroupCoordinator _source = new(link.Clients.Source, group);
    private readonly GroupCoordinator _target = new(link.Clients.Target, group);
    private readonly GroupMemory _memory = new(group);
    private readonly HashSet<TopicPartition> _resets = [];
    private IReadOnlyDictionary<TopicPartition, CommittedOffset> _twin = new Dictionary<TopicPartition, CommittedOffset>();
    private long _twinRead;

    public string Group { get; } = group;

    /// <summary>Whether both sides have members.</summary>
    public bool IsConflict { get; private set; }

    /// <summary>Whether the twin was left at an older place when it was last looked at, because somebody is in it or the target did not take it.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>The places of the group on the source, which may be asked for while other groups are followed.</summary>
    public Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> ReadAsync(CancellationToken cancellation) =>
        _source.AskAsync(connection => GroupOffsets.FetchAsync(connection, Group, cancellation), cancellation);

    /// <summary>Brings the twin to the places that were read.</summary>
    public async Task SyncAsync(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed, CancellationToken cancellation)
    {
        if (link.Session?.Checkpoints is not { } log)
            return;
        _memory.Recall(log);
        await FollowAsync(committed, cancellation).ConfigureAwait(false);
        await _memory.KeepAsync(log, cancellation).ConfigureAwait(false);
    }

    private async Task FollowAsync(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed, CancellationToken cancellation)
    {
        NoteResets(committed);
        if (!FindChanges(committed).Any())
        {
            IsConflict = IsBehind = false;
            return;
        }

        if (_twinRead != 0 && Stopwatch.GetElapsedTime(_twinRead) < TwinInterval && IsConflict)
            return;

        // What we believe the twin to be at may be old: its own members, or somebody's reset, may have moved it.
        _twin = await _target.AskAsync(connection => GroupOffsets.FetchAsync(connection, Group, cancellation), cancellation).ConfigureAwait(false);
        _twinRead = Stopwatch.GetTimestamp();
        var changes = FindChanges(committed).ToList();
        IsBehind = changes.Count > 0;
        if (!IsBehind)
            return;
        var places = changes.ToDictionary(change => change.Target, change => change.There);
        if (await _target.AskAsync(connection => GroupOffsets.CommitAsync(connection, Group, places, cancellation), cancellation).ConfigureAwait(false) is { } taken)
        {
            Take(taken, changes);
            return;
        }

        IsConflict = (await DescribeAsync(_source, cancellation).ConfigureAwait(false)).HasMembers;
        if (!IsConflict && (await DescribeAsync(_target, cancellation).ConfigureAwait(false)).IsGathering)
            Take(await gathering.CommitAsync(Group, places, cancellation).ConfigureAwait(false), changes);
    }

    private Task<(bool HasMembers, bool IsGathering)> DescribeAsync(GroupCoordinator side, CancellationToken cancellation) =>
        side.AskAsync(connection => GroupOffsets.DescribeAsync(connection, Group, cancellation), cancellation);

    private void Take(IReadOnlyCollection<TopicPartition> taken, List<Change> changes)
    {
        IsConflict = false;
        IsBehind = changes.Exists(change => !taken.Contains(change.Target));
        var now = new Dictionary<TopicPartition, CommittedOffset>(_twin);
        foreach (var change in changes.Where(change => taken.Contains(change.Target)))
        {
            now[change.Target] = change.There;
            _resets.Remove(change.Source);
            _memory.Give(change.Source, change.Place);
        }

        _twin = now;
    }

    /// <summary>An offset that goes back on the source was put back there, whether or not a mirror ran: the twin follows.</summary>
    private void NoteResets(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed)
    {
        foreach (var (partition, offset) in committed)
        {
            // What cannot be translated yet is looked at again, as if for the first time.
            if (translator.Translate(partition, offset.Offset) is not null && _memory.Sees(partition, offset.Offset))
                _resets.Add(partition);
        }
    }

    private IEnumerable<Change> FindChanges(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed)
    {
        foreach (var (partition, offset) in committed)
        {
            if (translator.Translate(partition, offset.Offset) is not { } to)
                continue;
            var place = new GroupPlace(offset.Offset, to.Offset);
            var change = new Change(partition, to.Partition, place, offset with { Offset = to.Offset });
            if (!_twin.TryGetValue(to.Partition, out var there) || (to.Offset < there.Offset && _resets.Contains(partition)))
            {
                yield return change;
            }
            else if (to.Offset > there.Offset)
            {
                // One that was given before and is behind now was put back on the target: the link that leads back follows that.
                if (!_memory.IsGiven(partition, place))
                    yield return change;
            }
            else
            {
                _resets.Remove(partition);
                _memory.Give(partition, place);
            }
        }
    }

    private readonly record struct Change(TopicPartition Source, TopicPartition Target, GroupPlace Place, CommittedOffset There);
}
