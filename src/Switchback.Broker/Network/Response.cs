using Switchback.Broker.Storage;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Network;

/// <summary>The answer to one request on its way to the client: what is written, and the parts of files that belong in between.</summary>
internal sealed class Response : IDisposable
{
    private const int InitialSize = 4096;
    private readonly List<FileSlice> _files = [];

    public WireWriter Writer { get; } = new(InitialSize) { Gathers = true };

    /// <summary>Bytes of a log file as a message carries them; the file is held open until the answer is sent.</summary>
    /// <exception cref="ObjectDisposedException">The file is closed already.</exception>
    public Memory<byte> Carry(LogSlice slice)
    {
        var file = new FileSlice(slice);
        _files.Add(file);
        return file.Memory;
    }

    /// <summary>Makes ready for the next answer.</summary>
    public void Reset()
    {
        Writer.Reset();
        foreach (IDisposable file in _files)
            file.Dispose();
        _files.Clear();
    }

    public void Dispose()
    {
        Reset();
        Writer.Dispose();
    }
}
