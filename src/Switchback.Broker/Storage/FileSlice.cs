using Microsoft.Win32.SafeHandles;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Storage;

/// <summary>Bytes of a log file on their way to a client. The file stays open until this is disposed, whatever retention does meanwhile.</summary>
internal sealed class FileSlice : StoredBytes
{
    private readonly LogSlice _slice;
    private bool _held;

    /// <exception cref="ObjectDisposedException">The file is closed already.</exception>
    public FileSlice(LogSlice slice)
        : base(slice.Length)
    {
        _slice = slice;
        slice.File!.DangerousAddRef(ref _held);
    }

    public SafeFileHandle File => _slice.File!;

    /// <summary>Where in the file the first byte is.</summary>
    public int Position => _slice.Position;

    public override void Read(int start, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(File, destination, (long)Position + start);
            if (read == 0)
                throw new IOException($"a log file ends before byte {Position + Length}");
            start += read;
            destination = destination[read..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!_held)
            return;
        _held = false;
        File.DangerousRelease();
    }
}
