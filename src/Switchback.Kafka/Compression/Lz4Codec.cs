using System.Runtime.InteropServices;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Compression;

/// <summary>LZ4 frames through liblz4. Frames are written with independent blocks: the Java client reads no others.</summary>
internal static unsafe partial class Lz4Codec
{
    private const string Library = "liblz4.so.1";
    private const uint FrameVersion = 100;

    public static byte[] Decompress(ReadOnlySpan<byte> input, int limit)
    {
        Check(LZ4F_createDecompressionContext(out var context, FrameVersion));
        try
        {
            using var output = new WireWriter(Math.Min(Math.Max(input.Length * 2, 4096), limit + 1));
            nuint hint = 1;
            fixed (byte* source = input)
            {
                for (var at = 0; hint != 0 || at < input.Length;)
                {
                    var chunk = output.GetSpan(32 << 10);
                    nuint written = (nuint)chunk.Length;
                    nuint consumed = (nuint)(input.Length - at);
                    fixed (byte* target = chunk)
                        hint = Check(LZ4F_decompress(context, target, ref written, source + at, ref consumed, 0));
                    output.Advance((int)written);
                    at += (int)consumed;
                    if (output.Position > limit)
                        throw Codecs.TooLarge(limit);
                    if (written == 0 && consumed == 0 && hint != 0)
                        throw new WireFormatException("lz4 data ends too early");
                }
            }

            return output.Written.ToArray();
        }
        finally
        {
            LZ4F_freeDecompressionContext(context);
        }
    }

    public static byte[] Compress(ReadOnlySpan<byte> input)
    {
        var preferences = new Preferences { BlockSizeId = 4, BlockMode = 1 };
        var output = new byte[checked((int)LZ4F_compressFrameBound((nuint)input.Length, ref preferences))];
        fixed (byte* source = input)
        {
            fixed (byte* target = output)
            {
                var size = Check(LZ4F_compressFrame(target, (nuint)output.Length, source, (nuint)input.Length, ref preferences));
                return output[..(int)size];
            }
        }
    }

    private static nuint Check(nuint result) => LZ4F_isError(result) == 0
        ? result
        : throw new WireFormatException("lz4: " + Marshal.PtrToStringUTF8(LZ4F_getErrorName(result)));

    [LibraryImport(Library)]
    private static partial nuint LZ4F_createDecompressionContext(out nint context, uint version);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_freeDecompressionContext(nint context);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_decompress(nint context, byte* target, ref nuint targetSize, byte* source, ref nuint sourceSize, nint options);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_compressFrameBound(nuint sourceSize, ref Preferences preferences);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_compressFrame(byte* target, nuint capacity, byte* source, nuint size, ref Preferences preferences);

    [LibraryImport(Library)]
    private static partial uint LZ4F_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint LZ4F_getErrorName(nuint code);

    // The library's LZ4F_preferences_t; zero is each field's default.
    [StructLayout(LayoutKind.Sequential)]
    private struct Preferences
    {
        public int BlockSizeId;
        public int BlockMode;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint DictionaryId;
        public int BlockChecksum;
        public int CompressionLevel;
        public uint AutoFlush;
        public uint FavorDecompressionSpeed;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
    }
}
