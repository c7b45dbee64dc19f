using System.Runtime.InteropServices;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Compression;

/// <summary>Zstandard through libzstd. Decompressed as a stream, since clients write frames without a content size.</summary>
internal static unsafe partial class ZstdCodec
{
    private const string Library = "libzstd.so.1";
    private const int DefaultLevel = 3;

    public static byte[] Decompress(ReadOnlySpan<byte> input, int limit)
    {
        var stream = ZSTD_createDStream();
        try
        {
            using var output = new WireWriter(Math.Min(Math.Max(input.Length * 2, 4096), limit + 1));
            fixed (byte* source = input)
            {
                var from = new Buffer { Data = source, Size = (nuint)input.Length };
                for (nuint hint = 1; hint != 0 || from.Position < from.Size;)
                {
                    var chunk = output.GetSpan(32 << 10);
                    var before = from.Position;
                    fixed (byte* target = chunk)
                    {
                        var to = new Buffer { Data = target, Size = (nuint)chunk.Length };
                        hint = Check(ZSTD_decompressStream(stream, ref to, ref from));
                        output.Advance((int)to.Position);
                        if (to.Position == 0 && from.Position == before && hint != 0)
                            throw new WireFormatException("zstd data ends too early");
                    }

                    if (output.Position > limit)
                        throw Codecs.TooLarge(limit);
                }
            }

            return output.Written.ToArray();
        }
        finally
        {
            ZSTD_freeDStream(stream);
        }
    }

    public static byte[] Compress(ReadOnlySpan<byte> input)
    {
        var output = new byte[checked((int)ZSTD_compressBound((nuint)input.Length))];
        fixed (byte* source = input)
        {
            fixed (byte* target = output)
            {
                var size = Check(ZSTD_compress(target, (nuint)output.Length, source, (nuint)input.Length, DefaultLevel));
                return output[..(int)size];
            }
        }
    }

    private static nuint Check(nuint result) => ZSTD_isError(result) == 0
        ? result
        : throw new WireFormatException("zstd: " + Marshal.PtrToStringUTF8(ZSTD_getErrorName(result)));

    [LibraryImport(Library)]
    private static partial nint ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(nint stream);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(nint stream, ref Buffer output, ref Buffer input);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compress(byte* target, nuint capacity, byte* source, nuint size, int level);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);

    // The library's ZSTD_inBuffer and ZSTD_outBuffer, which are laid out alike.
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }
}
