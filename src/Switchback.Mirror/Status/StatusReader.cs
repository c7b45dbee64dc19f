using Switchback.Kafka.Client;
using Switchback.Mirror.Groups;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Status;

/// <summary>Takes a link's status, with the source's end offsets as they are now.</summary>
internal static class StatusReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static async Task<LinkStatus> ReadAsync(MirrorLink link, GroupSync? groups, CancellationToken cancellation)
    {
        var session = link.Session;
        var partitions = session?.Partitions.OrderBy(p => p.Source.Topic, StringComparer.Ordinal).ThenBy(p => p.Source.Partition).ToList() ?? [];
        var ends = session is { IsCopying: true } ? await ReadEndsAsync(link, cancellation).ConfigureAwait(false) : null;
        var counters = link.Counters;
        double? usualBytes = counters.Records == 0 ? null : (double)counters.Bytes / counters.Records;
        var details = partitions.Select(p => Describe(p, ends, usualBytes)).ToList();
        long? lag = null;
        if (ends is not null)
        {
            // What was created a moment ago and is not copied yet counts whole.
            var copied = partitions.Select(p => p.Source).ToHashSet();
            var unknown = details.Exists(p => p.LagRecords is null);
            lag = unknown ? null : details.Sum(p => p.LagRecords ?? 0) + ends.Where(end => !copied.Contains(end.Key)).Sum(end => end.Value);
        }

        return new LinkStatus
        {
            Name = link.Options.Name,
            Source = link.Options.Source,
            Target = link.Options.Target,
            State = Name(link.State),
            Problem = link.Problem,
            Topics = partitions.Select(p => p.Source.Topic).Distinct().Count(),
            Partitions = partitions.Count,
            LagRecords = lag,
            LagBytes = LagBytes(lag, usualBytes),
            LagMs = lag is null or 0 ? lag : details.Where(p => p.LagRecords > 0).Max(p => p.LagMs),
            RecordsCopied = counters.Records,
            BytesCopied = counters.Bytes,
            BatchesCopied = counters.Batches,
            BatchesRewritten = counters.Rewritten,
            BatchesJoined = counters.Joined,
            GapOffsets = counters.GapOffsets,
            Gaps = [.. counters.Gaps.Select(g => new GapStatus(g.Partition, g.Gap.FromOffset, g.Gap.ToOffset))],
            Cuts = [.. counters.Cuts.Select(c => new CutStatus(c.Partition, c.Cut.FromOffset, c.Cut.ToOffset, c.Cut.IsNewTopic))],
            Restarts = counters.Restarts,
            Groups = groups?.GroupCount ?? 0,
            GroupsBehind = groups is null ? 0 : groups.Behind,
            Conflicts = groups?.Conflicts ?? [],
            PartitionDetails = details,
        };
    }

    private static PartitionStatus Describe(PartitionMirror partition, IReadOnlyDictionary<TopicPartition, long>? ends, double? usualBytes)
    {
        // The position is taken after the ends: a record written meanwhile cannot make the lag negative for long.
        long? lag = ends is not null && ends.TryGetValue(partition.Source, out var end) ? Math.Max(0, end - partition.MirroredSource) : null;
        return new PartitionStatus(
            partition.Source.Topic, partition.Target.Topic, partition.Source.Partition, Name(partition.State), partition.Problem,
            partition.MirroredSource, partition.MirroredTarget, lag, LagBytes(lag, partition.BytesPerRecord ?? usualBytes), LagMs(lag, partition.MirroredTimestamp));
    }

    private static long? LagBytes(long? records, double? bytesEach) => records is 0 ? 0 : (long?)(records * bytesEach);

    private static long? LagMs(long? records, long youngest) => records switch
    {
        null or 0 => records,
        _ when youngest == 0 => null,
        _ => Math.Max(0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - youngest),
    };

    /// <summary>The source's high watermarks, or null when they cannot be had now.</summary>
    private static async Task<IReadOnlyDictionary<TopicPartition, long>?> ReadEndsAsync(MirrorLink link, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var metadata = await link.Clients.Source.RefreshMetadataAsync(null, limit.Token).ConfigureAwait(false);
            TopicPartition[] wanted = [.. from topic in metadata.Topics.Values
                                          where link.Selection.Takes(topic)
                                          from partition in topic.Partitions
                                          select new TopicPartition(topic.Name, partition.Index)];
            if (wanted.Length == 0)
                return new Dictionary<TopicPartition, long>();
            var offsets = await link.Clients.Source.ListOffsetsAsync(wanted, OffsetPlace.Latest, IsolationLevel.ReadUncommitted, limit.Token).ConfigureAwait(false);
            return offsets.ToDictionary(o => o.Key, o => o.Value.Offset);
        }
        catch (Exception e) when (LinkFailure.IsExpected(e) && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Name<T>(T state)
        where T : struct, Enum
    {
        var name = state.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
