using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Switchback.Broker.Network;

namespace Switchback.Broker.Tests.Network;

/// <summary>The bytes of a request are copied at most once in memory, and its file is written from where they then are.</summary>
public sealed class FrameReaderTests
{
    private const int Limit = 100 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Frames_come_whole_and_no_byte_is_moved_twice(int seed)
    {
        var random = new Random(seed);
        var frames = Enumerable.Range(0, 60).Select(i => Frame(random, i)).ToList();
        var stream = new TornStream([.. frames.SelectMany(WithLength)], random);
        using var reader = new FrameReader(stream);
        var movedBefore = 0L;
        foreach (var frame in frames)
        {
            var read = (await reader.ReadAsync(Limit, Stop))!.Value;
            Assert.True(read.Span.SequenceEqual(frame));

            // What lies elsewhere than where the socket's bytes were put was moved; the reader's own count cannot be less, and once is the most.
            var elsewhere = stream.CountMoved(read);
            Assert.InRange(reader.Moved - movedBefore, elsewhere - FrameReader.BufferSize, frame.Length + FrameReader.BufferSize);
            movedBefore = reader.Moved;
        }

        Assert.Null(await reader.ReadAsync(Limit, Stop));
        Assert.InRange(reader.Moved, 0, frames.Sum(frame => (long)frame.Length + 4));
    }

    [Fact]
    public async Task Of_large_requests_one_after_the_other_hardly_a_byte_is_moved()
    {
        var random = new Random(7);
        var frames = Enumerable.Range(0, 20).Select(_ => Filled(random, 700_000)).ToList();
        using var reader = new FrameReader(new MemoryStream([.. frames.SelectMany(WithLength)]));
        foreach (var frame in frames)
            Assert.True((await reader.ReadAsync(Limit, Stop))!.Value.Span.SequenceEqual(frame));
        Assert.InRange(reader.Moved, 0, frames.Sum(frame => frame.Length) / 50);
    }

    [Fact]
    public async Task A_frame_that_is_only_promised_costs_no_memory()
    {
        var promise = new byte[100];
        BinaryPrimitives.WriteInt32BigEndian(promise, Limit);
        using var reader = new FrameReader(new MemoryStream(promise));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(await reader.ReadAsync(Limit, Stop));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    private static byte[] Frame(Random random, int index) => Filled(random, (index % 4) switch
    {
        0 => random.Next(0, 200),
        1 => random.Next(10_000, 70_000),
        2 => random.Next(70_000, 1_500_000),
        _ => index % 16 == 3 ? random.Next(2 << 20, 6 << 20) : random.Next(1, 66_000),
    });

    private static byte[] Filled(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<byte> WithLength(byte[] frame)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
        return length.Concat(frame);
    }

    /// <summary>Hands its bytes out in pieces of any size, as a network does, and remembers where each piece was put.</summary>
    private sealed class TornStream(byte[] content, Random random) : MemoryStream(content)
    {
        private readonly List<(byte[] Array, int Offset, long Position, int Length)> _put = [];

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var position = Position;
            var piece = buffer[..Math.Min(buffer.Length, random.Next(8) == 0 ? random.Next(1, 100) : random.Next(1, 200_000))];
            var read = Read(piece.Span);
            Assert.True(MemoryMarshal.TryGetArray<byte>(piece, out var segment));
            _put.Add((segment.Array!, segment.Offset, position, read));
            return ValueTask.FromResult(read);
        }

        /// <summary>How many bytes of a frame, the last one that was read whole, do not lie where they were put.</summary>
        public int CountMoved(ReadOnlyMemory<byte> frame)
        {
            Assert.True(MemoryMarshal.TryGetArray(frame, out var segment));
            var still = 0;
            foreach (var (array, offset, _, length) in _put.Where(put => put.Array == segment.Array))
                still += Math.Max(0, Math.Min(offset + length, segment.Offset + segment.Count) - Math.Max(offset, segment.Offset));
            _put.RemoveRange(0, Math.Max(0, _put.Count - 200));
            return Math.Max(0, segment.Count - still);
        }
    }
}
