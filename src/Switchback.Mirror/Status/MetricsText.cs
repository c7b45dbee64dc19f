using System.Globalization;
using System.Text;

namespace Switchback.Mirror.Status;

/// <summary>The status as Prometheus' text format.</summary>
internal static class MetricsText
{
    public static string Write(MirrorStatus status)
    {
        var text = new StringBuilder();
        Write(text, status, "switchback_mirror_link_up", "gauge", "Whether the link copies: 1 or 0.", link => link.State == "copying" ? 1 : 0);
        Write(text, status, "switchback_mirror_lag_records", "gauge", "Source offsets not yet on the target.", link => link.LagRecords);
        Write(text, status, "switchback_mirror_lag_bytes", "gauge", "The same in bytes, estimated.", link => link.LagBytes);
        Write(text, status, "switchback_mirror_lag_milliseconds", "gauge", "Age of the youngest record on the target while behind.", link => link.LagMs);
        Write(text, status, "switchback_mirror_records_copied_total", "counter", "Records written to the target.", link => link.RecordsCopied);
        Write(text, status, "switchback_mirror_bytes_copied_total", "counter", "Bytes written to the target.", link => link.BytesCopied);
        Write(text, status, "switchback_mirror_batches_copied_total", "counter", "Batches written to the target.", link => link.BatchesCopied);
        Write(text, status, "switchback_mirror_batches_rewritten_total", "counter", "Batches whose records were written anew.", link => link.BatchesRewritten);
        Write(text, status, "switchback_mirror_batches_joined_total", "counter", "Batches whose records were joined with those of others.", link => link.BatchesJoined);
        Write(text, status, "switchback_mirror_gap_offsets_total", "counter", "Source offsets gone before they were copied.", link => link.GapOffsets);
        Write(text, status, "switchback_mirror_cut_offsets", "gauge", "Source offsets that were copied before the source lost them, of the latest cuts.", link => link.Cuts.Sum(cut => cut.ToOffset - cut.FromOffset));
        Write(text, status, "switchback_mirror_restarts_total", "counter", "Times the link began anew.", link => link.Restarts);
        Write(text, status, "switchback_mirror_groups_behind", "gauge", "Groups whose place on the target was left at an older one.", link => link.GroupsBehind);
        Write(text, status, "switchback_mirror_group_conflicts", "gauge", "Groups with members on both sides.", link => link.Conflicts.Count);
        WritePartitions(text, status, "switchback_mirror_partition_lag_records", "Source offsets of a partition not yet on the target.", partition => partition.LagRecords);
        WritePartitions(text, status, "switchback_mirror_partition_lag_bytes", "The same in bytes, estimated.", partition => partition.LagBytes);
        WritePartitions(text, status, "switchback_mirror_partition_lag_milliseconds", "Age of a partition's youngest record on the target while behind.", partition => partition.LagMs);
        return text.ToString();
    }

    private static void WritePartitions(StringBuilder text, MirrorStatus status, string name, string help, Func<PartitionStatus, long?> valueOf)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n");
        foreach (var link in status.Links)
        {
            foreach (var partition in link.PartitionDetails)
            {
                if (valueOf(partition) is { } value)
                    text.Append(CultureInfo.InvariantCulture, $"{name}{{link=\"{link.Name}\",topic=\"{partition.SourceTopic}\",partition=\"{partition.Partition}\"}} {value}\n");
            }
        }
    }

    private static void Write(StringBuilder text, MirrorStatus status, string name, string type, string help, Func<LinkStatus, long?> valueOf)
    {
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var link in status.Links)
        {
            if (valueOf(link) is { } value)
                text.Append(CultureInfo.InvariantCulture, $"{name}{{link=\"{link.Name}\",source=\"{link.Source}\",target=\"{link.Target}\"}} {value}\n");
        }
    }
}
