using Microsoft.Win32.SafeHandles;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <summary>One file of a log, with its indexes. Appends come from one thread at a time; files may be read at any time up to <see cref="Size"/>.</summary>
internal sealed class LogSegment : IDisposable
{
    private readonly string _directory;
    private int _bytesSinceIndexEntry;

    private LogSegment(string directory, long baseOffset, SafeFileHandle handle)
    {
        _directory = directory;
        BaseOffset = baseOffset;
        Handle = handle;
    }

    public long BaseOffset { get; }

    public SafeFileHandle Handle { get; }

    public int Size { get; private set; }

    /// <summary>The timestamp of the first batch, from which the segment's age counts; null while it is empty.</summary>
    public long? FirstTimestamp { get; private set; }

    public OffsetIndex Offsets { get; } = new();

    public TimeIndex Times { get; } = new();

    public AbortedTransactions Aborted { get; } = new();

    public static LogSegment Create(string directory, long baseOffset) =>
        new(directory, baseOffset, OpenHandle(LogFiles.Path(directory, baseOffset, LogFiles.Log), FileMode.Create));

    /// <summary>Opens a segment as it was left. Its indexes are empty until <see cref="LoadIndexes"/> or a recovery fills them.</summary>
    public static LogSegment Open(string directory, long baseOffset)
    {
        var handle = OpenHandle(LogFiles.Path(directory, baseOffset, LogFiles.Log), FileMode.Open);
        return new LogSegment(directory, baseOffset, handle) { Size = (int)Math.Min(RandomAccess.GetLength(handle), int.MaxValue) };
    }

    /// <summary>Loads the indexes of a closed segment; false when a scan must make them anew.</summary>
    public bool LoadIndexes()
    {
        Aborted.Load(LogFiles.Path(_directory, BaseOffset, LogFiles.AbortedIndex));
        Span<byte> header = stackalloc byte[RecordBatchHeader.Size];
        if (RandomAccess.Read(Handle, header, 0) == header.Length && RecordBatchHeader.TryRead(header, out var first))
            FirstTimestamp = first.MaxTimestamp;
        return Offsets.Load(LogFiles.Path(_directory, BaseOffset, LogFiles.Index), Size)
            && Times.Load(LogFiles.Path(_directory, BaseOffset, LogFiles.TimeIndex));
    }

    /// <summary>Writes a batch behind the end. It is not part of the segment before <see cref="Take"/>: until then nobody reads it, and the next one overwrites it.</summary>
    public void Write(ReadOnlySpan<byte> batch) => RandomAccess.Write(Handle, batch, Size);

    /// <summary>Makes the batch that was written part of the segment.</summary>
    public void Take(in RecordBatchHeader header, int indexInterval)
    {
        Note(header, Size, indexInterval);
        Size += (int)header.TotalSize;
    }

    /// <summary>Enters a batch that is in the file already into the indexes.</summary>
    public void Note(in RecordBatchHeader header, int position, int indexInterval)
    {
        FirstTimestamp ??= header.MaxTimestamp;
        var relative = (int)(header.LastOffset - BaseOffset);
        Times.Observe(header.MaxTimestamp, relative);
        if (_bytesSinceIndexEntry > indexInterval)
        {
            Offsets.Add(relative, position);
            Times.Mark();
            _bytesSinceIndexEntry = 0;
        }

        _bytesSinceIndexEntry += (int)header.TotalSize;
    }

    public void ForgetIndexes()
    {
        Offsets.Clear();
        Times.Clear();
        Aborted.Clear();
        FirstTimestamp = null;
        _bytesSinceIndexEntry = 0;
    }

    /// <summary>Cuts the file, after a failed append or behind a torn tail.</summary>
    public void TruncateTo(int size)
    {
        RandomAccess.SetLength(Handle, size);
        Size = size;
    }

    /// <summary>Forces the data to disk and writes the index files: the segment will not grow any more.</summary>
    public void Close()
    {
        RandomAccess.FlushToDisk(Handle);
        Offsets.Save(LogFiles.Path(_directory, BaseOffset, LogFiles.Index));
        Times.Save(LogFiles.Path(_directory, BaseOffset, LogFiles.TimeIndex));
        Aborted.Save(LogFiles.Path(_directory, BaseOffset, LogFiles.AbortedIndex));
    }

    /// <summary>Deletes the files. A reader that still holds the handle finishes or fails; it never reads other data.</summary>
    public void Delete()
    {
        Dispose();
        foreach (var suffix in new[] { LogFiles.Log, LogFiles.Index, LogFiles.TimeIndex, LogFiles.AbortedIndex, LogFiles.ProducerSnapshot })
            File.Delete(LogFiles.Path(_directory, BaseOffset, suffix));
    }

    public void Dispose() => Handle.Dispose();

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
