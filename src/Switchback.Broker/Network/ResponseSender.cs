using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Switchback.Broker.Storage;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Network;

/// <summary>
/// Sends answers. Records go from their file to the socket inside the kernel; where the bytes must be seen, to be encrypted, and where they are too few to be
/// worth a call of their own, they are read from the file straight into the buffer that is sent.
/// </summary>
/// <param name="stream">The connection, encrypted or not.</param>
/// <param name="socket">The same connection where it is not encrypted; else null.</param>
/// <param name="idle">Told of every byte written; null where nobody cares.</param>
internal sealed partial class ResponseSender(Stream stream, Socket? socket, IdleLimit? idle = null)
{
    internal const int BufferSize = 64 * 1024;

    /// <summary>Slices from this size on are worth a system call of their own.</summary>
    private const int DirectSize = 32 * 1024;

    /// <summary>What is sent through memory when the socket takes no more, because that can be awaited.</summary>
    private const int KnockSize = 16 * 1024;

    private byte[] _buffer = [];
    private int _filled;

    /// <summary>Bytes of files that were sent without passing the memory of this process.</summary>
    public long InKernel { get; private set; }

    /// <summary>Sends an answer whole.</summary>
    /// <exception cref="IOException">The connection is broken, or a file cannot be read: the connection is of no use any more.</exception>
    public ValueTask SendAsync(Response response, CancellationToken stopping) =>
        response.Writer.HasGathered ? SendPartsAsync(response.Writer, stopping) : stream.WriteAsync(response.Writer.Written, stopping);

    private async ValueTask SendPartsAsync(WireWriter response, CancellationToken stopping)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            foreach (var segment in response.Segments())
            {
                if (!MemoryMarshal.TryGetMemoryManager<byte, StoredBytes>(segment, out var stored))
                    await AddAsync(segment, stopping);
                else if (socket is not null && stored is FileSlice { Length: >= DirectSize } file)
                    await SendDirectAsync(file, stopping);
                else
                    await AddAsync(stored!, 0, stored!.Length, stopping);
            }

            await FlushAsync(stopping);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _filled = 0;
        }
    }

    private async ValueTask SendDirectAsync(FileSlice file, CancellationToken stopping)
    {
        await FlushAsync(stopping);
        var sent = 0;
        while (sent < file.Length)
        {
            var now = SendFile(file, sent);
            if (now > 0)
            {
                idle?.NoteActivity();
                sent += now;
                InKernel += now;
                continue;
            }

            var knock = Math.Min(KnockSize, file.Length - sent);
            await AddAsync(file, sent, knock, stopping);
            await FlushAsync(stopping);
            sent += knock;
        }
    }

    /// <summary>What the socket takes of a file now, which may be nothing.</summary>
    private int SendFile(FileSlice file, int start)
    {
        var position = (long)file.Position + start;
        var sent = SendFile(socket!.SafeHandle, file.File, ref position, file.Length - start);
        if (sent > 0)
            return (int)sent;
        if (sent == 0)
            throw new IOException($"a log file ends before byte {file.Position + file.Length}");
        var error = Marshal.GetLastPInvokeError();
        return error is TryAgain or Interrupted ? 0 : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    private async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken stopping)
    {
        while (bytes.Length > 0)
        {
            var count = Math.Min(bytes.Length, await RoomAsync(stopping));
            bytes.Span[..count].CopyTo(_buffer.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    private async ValueTask AddAsync(StoredBytes bytes, int start, int length, CancellationToken stopping)
    {
        while (length > 0)
        {
            var count = Math.Min(length, await RoomAsync(stopping));
            bytes.Read(start, _buffer.AsSpan(_filled, count));
            _filled += count;
            start += count;
            length -= count;
        }
    }

    private async ValueTask<int> RoomAsync(CancellationToken stopping)
    {
        if (_filled == _buffer.Length)
            await FlushAsync(stopping);
        return _buffer.Length - _filled;
    }

    private async ValueTask FlushAsync(CancellationToken stopping)
    {
        if (_filled == 0)
            return;
        await stream.WriteAsync(_buffer.AsMemory(0, _filled), stopping);
        idle?.NoteActivity();
        _filled = 0;
    }
}
