using System.Globalization;
using System.Text;

namespace Switchback.LocalKubernetes.Node.Logs;

/// <summary>
/// The output of one run of a container, in files of bounded size: <c>TIME STREAM F|P TEXT</c> a line, as container runtimes write it.
/// One run writes, any number of readers follow. At most <see cref="KeptFiles"/> files of about <see cref="MaximumFileBytes"/> are kept;
/// a follower that has a file open reads it to its end even when it was rotated away.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    public const int MaximumFileBytes = 32 * 1024 * 1024;
    public const int KeptFiles = 3;

    /// <summary>A longer line is written in parts (tag P), which readers join.</summary>
    private const int MaximumLineBytes = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Dictionary<string, MemoryStream> _partial = [];
    private readonly List<LogFile> _files = [];
    private FileStream? _writer;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ContainerLog(string path)
    {
        _path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        OpenNext();
    }

    public bool IsComplete { get; private set; }

    /// <summary>Appends what was read from a stream; lines are split here.</summary>
    public void Append(string stream, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (IsComplete)
            {
                return;
            }

            var partial = Partial(stream);
            var time = Time();
            using var lines = new MemoryStream(bytes.Length + 256);
            while (bytes.Length > 0)
            {
                var end = bytes.IndexOf((byte)'\n');
                var take = Math.Min(end < 0 ? bytes.Length : end, MaximumLineBytes - (int)partial.Length);
                partial.Write(bytes[..take]);
                bytes = bytes[take..];
                if (bytes.Length > 0 && bytes[0] == '\n')
                {
                    Line(lines, time, stream, 'F', partial);
                    bytes = bytes[1..];
                }
                else if (partial.Length >= MaximumLineBytes)
                {
                    Line(lines, time, stream, 'P', partial);
                }
            }

            Write(lines);
        }
    }

    /// <summary>The stream has ended: its last line is written even without a line end.</summary>
    public void EndOfStream(string stream)
    {
        lock (_lock)
        {
            if (!IsComplete && Partial(stream) is { Length: > 0 } partial)
            {
                using var lines = new MemoryStream();
                Line(lines, Time(), stream, 'P', partial);
                Write(lines);
            }
        }
    }

    /// <summary>All streams have ended; followers come to their end.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            if (!IsComplete)
            {
                IsComplete = true;
                _writer?.Dispose();
                _writer = null;
                Signal();
            }
        }
    }

    public void Dispose() => Complete();

    /// <summary>Writes the log to a stream as <c>kubectl logs</c> shows it.</summary>
    public Task CopyToAsync(Stream output, LogReadOptions options, CancellationToken cancellation) =>
        new LogReader(this, options).CopyToAsync(output, cancellation);

    /// <summary>The files now kept, oldest first, and whether more can come.</summary>
    internal (IReadOnlyList<LogFile> Files, bool Complete, Task Changed) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _files], IsComplete, _changed.Task);
        }
    }

    private MemoryStream Partial(string stream) => _partial.TryGetValue(stream, out var partial) ? partial : _partial[stream] = new MemoryStream();

    private static string Time() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    private static void Line(MemoryStream lines, string time, string stream, char tag, MemoryStream partial)
    {
        lines.Write(Encoding.ASCII.GetBytes($"{time} {stream} {tag} "));
        partial.WriteTo(lines);
        lines.WriteByte((byte)'\n');
        partial.SetLength(0);
    }

    private void Write(MemoryStream lines)
    {
        if (lines.Length == 0)
        {
            return;
        }

        if (_files[^1].Length > MaximumFileBytes)
        {
            OpenNext();
        }

        lines.WriteTo(_writer!);
        _files[^1].Length += lines.Length;
        Signal();
    }

    private void OpenNext()
    {
        _writer?.Dispose();
        var number = _files.Count == 0 ? 0 : _files[^1].Number + 1;
        var path = number == 0 ? _path : string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");
        _writer = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _files.Add(new LogFile(number, path));
        if (_files.Count > KeptFiles)
        {
            File.Delete(_files[0].Path);
            _files.RemoveAt(0);
        }
    }

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One file of a log: its place in the order, and how much of it is written.</summary>
internal sealed class LogFile(int number, string path)
{
    private long _length;

    public int Number { get; } = number;

    public string Path { get; } = path;

    public long Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }
}
