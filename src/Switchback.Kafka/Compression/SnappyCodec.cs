using System.Buffers.Binary;
using IronSnappy;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Compression;

/// <summary>
/// Snappy as Kafka clients write it: the Java client frames blocks (a magic of eight bytes, two versions, then a length before each block),
/// others write one plain block. Written as one framed stream of blocks of 32 KiB, which every client reads.
/// </summary>
internal static class SnappyCodec
{
    private const int HeaderSize = 16;
    private const int BlockSize = 32 << 10;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static byte[] Decompress(ReadOnlySpan<byte> input, int limit)
    {
        if (!input.StartsWith(Magic))
            return DecompressBlock(input, limit);
        if (input.Length < HeaderSize)
            throw new WireFormatException("snappy stream ends in its header");
        input = input[HeaderSize..];
        using var output = new MemoryStream();
        while (!input.IsEmpty)
        {
            var length = input.Length < 4 ? -1 : BinaryPrimitives.ReadInt32BigEndian(input);
            if (length < 0 || length > input.Length - 4)
                throw new WireFormatException($"snappy block of {length} bytes declared, {input.Length} bytes left");
            output.Write(DecompressBlock(input.Slice(4, length), limit - (int)output.Length));
            input = input[(4 + length)..];
        }

        return output.ToArray();
    }

    public static byte[] Compress(ReadOnlySpan<byte> input)
    {
        using var output = new WireWriter(input.Length + HeaderSize);
        output.WriteRaw(Magic);
        output.WriteInt32(1);
        output.WriteInt32(1);
        while (!input.IsEmpty)
        {
            var block = input[..Math.Min(input.Length, BlockSize)];
            var compressed = Snappy.Encode(block);
            output.WriteInt32(compressed.Length);
            output.WriteRaw(compressed);
            input = input[block.Length..];
        }

        return output.Written.ToArray();
    }

    private static byte[] DecompressBlock(ReadOnlySpan<byte> block, int limit)
    {
        // The block begins with its decompressed length: judged before the library allocates that much.
        var header = new WireReader(block[..Math.Min(block.Length, 5)].ToArray());
        var declared = header.ReadUnsignedVarint();
        header.ThrowIfFailed();
        if (declared > (uint)limit)
            throw Codecs.TooLarge(limit);
        try
        {
            return Snappy.Decode(block);
        }
        catch (Exception e) when (e is IOException or ArgumentException or IndexOutOfRangeException or InvalidDataException)
        {
            throw new WireFormatException("snappy data is malformed", e);
        }
    }
}
