using System.Globalization;
using System.Text;

namespace Switchback.LocalKubernetes.Node.Logs;

/// <summary>Reads one log once, from its first kept file to its end; the reading position is a file's number and an offset in it.</summary>
internal sealed class LogReader(ContainerLog log, LogReadOptions options)
{
    private byte[] _pending = [];
    private long _remaining = options.LimitBytes ?? long.MaxValue;
    private long _skip;
    private bool _continued;

    public async Task CopyToAsync(Stream output, CancellationToken cancellation)
    {
        if (options.TailLines is { } tail)
        {
            _skip = Math.Max(0, await CountLinesAsync(cancellation) - tail);
        }

        var next = 0;
        FileStream? file = null;
        try
        {
            while (true)
            {
                // Taken before reading: what is written after this wakes us again.
                var (files, complete, changed) = log.Snapshot();
                var moved = false;
                foreach (var candidate in files.Where(candidate => candidate.Number >= next))
                {
                    if (file is null || candidate.Number > next)
                    {
                        if (file is not null)
                        {
                            await ReadAsync(file, output, cancellation);
                            await file.DisposeAsync();
                        }

                        file = Open(candidate.Path);
                        next = candidate.Number;
                    }

                    moved |= file is not null && await ReadAsync(file, output, cancellation);
                }

                await output.FlushAsync(cancellation);
                if (_remaining <= 0 || (!moved && (complete || !options.Follow)))
                {
                    return;
                }

                if (!moved)
                {
                    await changed.WaitAsync(cancellation);
                }
            }
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous);
        }
        catch (IOException)
        {
            // Rotated away between the list and now.
            return null;
        }
    }

    private async Task<long> CountLinesAsync(CancellationToken cancellation)
    {
        long lines = 0;
        var buffer = new byte[64 * 1024];
        foreach (var candidate in log.Snapshot().Files)
        {
            await using var file = Open(candidate.Path);
            int read;
            while (file is not null && (read = await file.ReadAsync(buffer, cancellation)) > 0)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            }
        }

        return lines;
    }

    /// <summary>Reads what is there; only whole lines are passed on, the rest waits for the next turn.</summary>
    private async Task<bool> ReadAsync(FileStream file, Stream output, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var any = false;
        int read;
        while (_remaining > 0 && (read = await file.ReadAsync(buffer, cancellation)) > 0)
        {
            any = true;
            ReadOnlyMemory<byte> bytes = _pending.Length == 0 ? buffer.AsMemory(0, read) : (byte[])[.. _pending, .. buffer.AsSpan(0, read)];
            var shown = new MemoryStream();
            int end;
            while (_remaining > 0 && (end = bytes.Span.IndexOf((byte)'\n')) >= 0)
            {
                Show(bytes.Span[..end], shown);
                bytes = bytes[(end + 1)..];
            }

            _pending = bytes.ToArray();
            if (shown.Length > _remaining)
            {
                shown.SetLength(_remaining);
            }

            _remaining -= shown.Length;
            shown.Position = 0;
            await shown.CopyToAsync(output, cancellation);
        }

        return any;
    }

    /// <summary>One stored line: <c>TIME STREAM TAG TEXT</c>.</summary>
    private void Show(ReadOnlySpan<byte> line, MemoryStream output)
    {
        if (_skip > 0)
        {
            _skip--;
            return;
        }

        var time = line.IndexOf((byte)' ');
        var stream = time < 0 ? -1 : line[(time + 1)..].IndexOf((byte)' ');
        if (stream < 0 || (options.Since is { } since && Written(line[..time]) < since))
        {
            return;
        }

        var rest = line[(time + 1 + stream + 1)..];
        if (options.Timestamps && !_continued)
        {
            output.Write(line[..(time + 1)]);
        }

        output.Write(rest[2..]);
        _continued = rest[0] == 'P';
        if (!_continued)
        {
            output.WriteByte((byte)'\n');
        }
    }

    private static DateTimeOffset Written(ReadOnlySpan<byte> time) =>
        DateTimeOffset.TryParse(Encoding.ASCII.GetString(time), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : DateTimeOffset.MinValue;
}
