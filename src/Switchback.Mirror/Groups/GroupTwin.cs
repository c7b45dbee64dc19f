using System.Diagnostics;
using Switchback.Kafka.Client;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Groups;

/// <summary>One group of the source and its twin on the target.</summary>
internal sealed class GroupTwin(string group, LinkClients clients, OffsetTranslator translator, GroupTransaction gathering)
{
    // While somebody is in the twin, it is looked at this often.
    private static readonly TimeSpan TwinInterval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<TopicPartition, long> _seen = [];
    private readonly Dictionary<TopicPartition, long> _resets = [];
    private IReadOnlyDictionary<TopicPartition, CommittedOffset> _twin = new Dictionary<TopicPartition, CommittedOffset>();
    private long _twinRead;

    public string Group { get; } = group;

    /// <summary>Whether both sides have members.</summary>
    public bool IsConflict { get; private set; }

    public async Task SyncAsync(CancellationToken cancellation)
    {
        var committed = await GroupOffsets.FetchAsync(clients.Source, Group, cancellation).ConfigureAwait(false);
        NoteResets(committed);
        if (!FindChanges(committed).Any())
        {
            IsConflict = false;
            return;
        }

        if (_twinRead != 0 && Stopwatch.GetElapsedTime(_twinRead) < TwinInterval && IsConflict)
            return;

        // What we believe the twin to be at may be old: its own members, or somebody's reset, may have moved it.
        _twin = await GroupOffsets.FetchAsync(clients.Target, Group, cancellation).ConfigureAwait(false);
        _twinRead = Stopwatch.GetTimestamp();
        var changes = FindChanges(committed).ToDictionary(c => c.Key, c => c.Value);
        if (changes.Count == 0)
            return;
        if (await GroupOffsets.CommitAsync(clients.Target, Group, changes, cancellation).ConfigureAwait(false) is { } taken)
        {
            Take(taken, changes);
            return;
        }

        IsConflict = (await GroupOffsets.DescribeAsync(clients.Source, Group, cancellation).ConfigureAwait(false)).HasMembers;
        if (!IsConflict && (await GroupOffsets.DescribeAsync(clients.Target, Group, cancellation).ConfigureAwait(false)).IsGathering)
            Take(await gathering.CommitAsync(Group, changes, cancellation).ConfigureAwait(false), changes);
    }

    private void Take(IReadOnlyCollection<TopicPartition> taken, Dictionary<TopicPartition, CommittedOffset> changes)
    {
        IsConflict = false;
        var now = new Dictionary<TopicPartition, CommittedOffset>(_twin);
        foreach (var partition in taken)
        {
            now[partition] = changes[partition];
            _resets.Remove(partition);
        }

        _twin = now;
    }

    /// <summary>An offset that goes back on the source was put back there: the twin follows.</summary>
    private void NoteResets(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed)
    {
        foreach (var (partition, offset) in committed)
        {
            if (_seen.TryGetValue(partition, out var before) && offset.Offset < before && translator.Translate(partition, offset.Offset) is { } place)
                _resets[place.Partition] = place.Offset;
            _seen[partition] = offset.Offset;
        }
    }

    private IEnumerable<KeyValuePair<TopicPartition, CommittedOffset>> FindChanges(IReadOnlyDictionary<TopicPartition, CommittedOffset> committed)
    {
        foreach (var (partition, offset) in committed)
        {
            if (translator.Translate(partition, offset.Offset) is not { } place)
                continue;
            var isNew = !_twin.TryGetValue(place.Partition, out var there);
            if (isNew || place.Offset > there.Offset || (place.Offset < there.Offset && _resets.ContainsKey(place.Partition)))
                yield return new(place.Partition, offset with { Offset = place.Offset });
            else
                _resets.Remove(place.Partition);
        }
    }
}
