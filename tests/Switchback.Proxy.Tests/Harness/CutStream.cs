namespace Switchback.Proxy.Tests.Harness;

/// <summary>Bytes that arrive in pieces: each read ends at the next cut at the latest. What is written is kept.</summary>
internal sealed class CutStream(byte[] bytes, IEnumerable<int> cuts) : Stream
{
    private readonly Queue<int> _cuts = new(cuts.Append(bytes.Length));
    private int _at;

    public MemoryStream Written { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => bytes.Length;

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        while (_cuts.TryPeek(out var cut) && cut <= _at)
        {
            _cuts.Dequeue();
        }

        var length = Math.Min(count, (_cuts.TryPeek(out var end) ? end : bytes.Length) - _at);
        bytes.AsSpan(_at, length).CopyTo(buffer.AsSpan(offset));
        _at += length;
        return length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Written.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
