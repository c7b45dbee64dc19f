using System.Globalization;

namespace Switchback.Broker.Storage;

/// <summary>The names of a partition's files: the first offset in twenty digits, and what the file is.</summary>
internal static class LogFiles
{
    public const string Log = ".log";
    public const string Index = ".index";
    public const string TimeIndex = ".timeindex";
    public const string ProducerSnapshot = ".snapshot";
    public const string AbortedIndex = ".txnindex";
    public const string StartOffset = "log-start-offset";
    public const string RecoveryPoint = "recovery-point";
    public const string LeaderEpochs = "leader-epoch-checkpoint";

    public static string Path(string directory, long baseOffset, string suffix) =>
        System.IO.Path.Combine(directory, baseOffset.ToString("D20", CultureInfo.InvariantCulture) + suffix);

    /// <summary>The base offsets of the segments in a directory, lowest first.</summary>
    public static List<long> SegmentOffsets(string directory)
    {
        var offsets = new List<long>();
        foreach (var file in Directory.EnumerateFiles(directory, "*" + Log))
        {
            if (long.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
                offsets.Add(offset);
        }

        offsets.Sort();
        return offsets;
    }

    /// <summary>Deletes what is left of a deleted partition; a directory that holds anything but a log's files is somebody else's and stays.</summary>
    public static void DeleteRemains(string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).All(IsOurs))
            Directory.Delete(directory, recursive: true);
    }

    private static bool IsOurs(string path) =>
        System.IO.Path.GetExtension(path) is Log or Index or TimeIndex or ProducerSnapshot or AbortedIndex or ".tmp"
        || System.IO.Path.GetFileName(path) is LeaderEpochs or StartOffset or RecoveryPoint;

    /// <summary>Replaces a small file as a whole: a crash leaves the old one or the new one.</summary>
    public static void ReplaceAtomically(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
