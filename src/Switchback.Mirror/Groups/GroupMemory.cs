using System.Diagnostics;
using Switchback.Kafka.Client;
using Switchback.Mirror.Positions;

namespace Switchback.Mirror.Groups;

/// <summary>
/// Which places of a group of the source its twin has been given, kept in the link's offsets topic: so that what was put back on either side while no mirror ran is told from
/// what has not been followed yet. Kept at most once an interval, because places move with every commit; a reset to between what is kept and what was given since is taken for progress.
/// </summary>
internal sealed class GroupMemory(string group)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<TopicPartition, long> _seen = [];
    private readonly Dictionary<TopicPartition, GroupPlace> _given = [];
    private readonly HashSet<TopicPartition> _changed = [];
    private bool _recalled;
    private long _keptAt;

    /// <summary>Takes up what the mirror before this one kept.</summary>
    public void Recall(CheckpointLog log)
    {
        if (_recalled)
            return;
        _recalled = true;
        foreach (var (partition, place) in log.PlacesOf(group))
            (_seen[partition], _given[partition]) = (place.Source, place);
    }

    /// <summary>Notes an offset committed on the source; true when it went back.</summary>
    public bool Sees(TopicPartition partition, long offset)
    {
        var wentBack = _seen.TryGetValue(partition, out var before) && offset < before;
        _seen[partition] = offset;
        return wentBack;
    }

    /// <summary>Whether the twin has been given a place already: if it is elsewhere now, somebody put it there.</summary>
    public bool IsGiven(TopicPartition partition, GroupPlace place) => _given.TryGetValue(partition, out var given) && given == place;

    /// <summary>Notes that the twin is at a place, or further.</summary>
    public void Give(TopicPartition partition, GroupPlace place)
    {
        if (IsGiven(partition, place))
            return;
        _given[partition] = place;
        _changed.Add(partition);
    }

    /// <summary>Writes what has changed.</summary>
    public async Task KeepAsync(CheckpointLog log, CancellationToken cancellation)
    {
        if (_changed.Count == 0 || (_keptAt != 0 && Stopwatch.GetElapsedTime(_keptAt) < Interval))
            return;
        var records = _changed.Select(partition => new GroupPlaceRecord(group, partition, _given[partition])).ToList();
        await log.WriteAsync(records, cancellation).ConfigureAwait(false);
        _changed.Clear();
        _keptAt = Stopwatch.GetTimestamp();
    }
}
