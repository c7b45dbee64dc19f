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
        var details = partitions.Select(p => Describe(p, ends)).ToList();
        long? lag = null;
        if (ends is not null)
        {
            // What was created a moment ago and is not copied yet counts whole.
            var copied = partitions.Select(p => p.Source).ToHashSet();
            var unknown = details.Exists(p => p.LagRecords is null);
            lag = unknown ? null : details.Sum(p => p.LagRecords ?? 0) + ends.Where(end => !copied.Contains(end.Key)).Sum(end => end.Value);
        }

        var counters = link.Counters;
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
            LagBytes = lag is { } records && counters.Records > 0 ? (long)(records * ((double)counters.Bytes / counters.Records)) : lag == 0 ? 0 : null,
            LagMs = LagMs(partitions, details, lag),
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
            Conflicts = groups?.Conflicts ?? [],
            PartitionDetails = details,
        };
    }

    private static PartitionStatus Describe(PartitionMirror partition, IReadOnlyDictionary<TopicPartition, long>? ends)
    {
        // The position is taken after the ends: a record written meanwhile cannot make the lag negative for long.
        long? lag = ends is not null && ends.TryGetValue(partition.Source, out var end) ? Math.Max(0, end - partition.MirroredSource) : null;
        return new PartitionStatus(
            partition.Source.Topic, partition.Target.Topic, partition.Source.Partition, Name(partition.State), partition.Problem,
            partition.MirroredSource, partition.MirroredTarget, lag);
    }

    private static long? LagMs(List<PartitionMirror> partitions, List<PartitionStatus> details, long? lag)
    {
        if (lag is null or 0)
            return lag;
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var behind = partitions.Where((p, i) => details[i].LagRecords > 0 && p.MirroredTimestamp > 0).ToList();
        return behind.Count == 0 ? null : behind.Max(p => Math.Max(0, now - p.MirroredTimestamp));
    }

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
