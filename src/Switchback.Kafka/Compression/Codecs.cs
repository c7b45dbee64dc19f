using System.IO.Compression;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Compression;

/// <summary>The codecs of record batches. lz4 and zstd are the system's libraries (liblz4.so.1, libzstd.so.1), loaded at their first use.</summary>
public static class Codecs
{
    /// <summary>Decompresses; with <see cref="CompressionCodec.None"/> the input itself is the answer.</summary>
    /// <param name="codec">How <paramref name="input"/> is compressed.</param>
    /// <param name="input">The compressed bytes.</param>
    /// <param name="limit">Largest output in bytes: compressed input may declare anything.</param>
    /// <exception cref="WireFormatException">The input is malformed, the output larger than the limit, or the codec unknown.</exception>
    /// <exception cref="DllNotFoundException">The codec's system library is not installed.</exception>
    public static ReadOnlyMemory<byte> Decompress(CompressionCodec codec, ReadOnlyMemory<byte> input, int limit) => codec switch
    {
        CompressionCodec.None => input,
        CompressionCodec.Gzip => DecompressGzip(input, limit),
        CompressionCodec.Snappy => SnappyCodec.Decompress(input.Span, limit),
        CompressionCodec.Lz4 => Lz4Codec.Decompress(input.Span, limit),
        CompressionCodec.Zstd => ZstdCodec.Decompress(input.Span, limit),
        _ => throw new WireFormatException($"unknown compression codec {(int)codec}"),
    };

    /// <summary>Compresses at the codec's default level; with <see cref="CompressionCodec.None"/> the input itself is the answer.</summary>
    /// <exception cref="DllNotFoundException">The codec's system library is not installed.</exception>
    public static ReadOnlyMemory<byte> Compress(CompressionCodec codec, ReadOnlyMemory<byte> input) => codec switch
    {
        CompressionCodec.None => input,
        CompressionCodec.Gzip => CompressGzip(input),
        CompressionCodec.Snappy => SnappyCodec.Compress(input.Span),
        CompressionCodec.Lz4 => Lz4Codec.Compress(input.Span),
        CompressionCodec.Zstd => ZstdCodec.Compress(input.Span),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "unknown compression codec"),
    };

    internal static WireFormatException TooLarge(int limit) => new($"decompressed records are larger than the limit of {limit} bytes");

    private static byte[] DecompressGzip(ReadOnlyMemory<byte> input, int limit)
    {
        using var source = new MemoryStream(input.ToArray(), writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        using var output = new MemoryStream();
        var chunk = new byte[16 << 10];
        try
        {
            for (int read; (read = gzip.Read(chunk)) > 0;)
            {
                if (output.Length + read > limit)
                    throw TooLarge(limit);
                output.Write(chunk, 0, read);
            }
        }
        catch (InvalidDataException e)
        {
            throw new WireFormatException("gzip data is malformed", e);
        }

        return output.ToArray();
    }

    private static byte[] CompressGzip(ReadOnlyMemory<byte> input)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(input.Span);
        return output.ToArray();
    }
}
