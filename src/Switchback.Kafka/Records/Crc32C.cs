using System.Buffers.Binary;
using System.Numerics;

namespace Switchback.Kafka.Records;

/// <summary>CRC-32C (Castagnoli), the checksum of record batches; in hardware where the processor has it.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var next in data)
            crc = BitOperations.Crc32C(crc, next);
        return ~crc;
    }

    /// <summary>
    /// What a checksum becomes when bytes at a distance from the end are changed: the checksum is linear over the field of two elements, so the difference of the
    /// bytes, carried over what follows them, is the difference of the checksums.
    /// </summary>
    /// <param name="crc">The checksum before.</param>
    /// <param name="difference">The bytes before, xor those after.</param>
    /// <param name="following">How many bytes, unchanged, follow them.</param>
    public static uint Change(uint crc, ReadOnlySpan<byte> difference, int following)
    {
        var delta = 0u;
        foreach (var next in difference)
            delta = BitOperations.Crc32C(delta, next);
        for (var power = 0; following > 0 && delta != 0; power++, following >>= 1)
        {
            if ((following & 1) != 0)
                delta = Multiply(ZeroBytes[power], delta);
        }

        return crc ^ delta;
    }

    /// <summary>By power of two, what so many zero bytes multiply a checksum with: x to the power of 8 times that number, bits reflected.</summary>
    private static readonly uint[] ZeroBytes = Powers();

    private static uint[] Powers()
    {
        var powers = new uint[31];
        powers[0] = 1u << 23;
        for (var i = 1; i < powers.Length; i++)
            powers[i] = Multiply(powers[i - 1], powers[i - 1]);
        return powers;
    }

    /// <summary>The product of two polynomials modulo Castagnoli's; the highest bit is the coefficient of 1.</summary>
    private static uint Multiply(uint one, uint other)
    {
        var product = 0u;
        for (; one != 0; one <<= 1)
        {
            if ((one & 0x80000000) != 0)
                product ^= other;
            other = (other >> 1) ^ (0x82f63b78 & (0u - (other & 1)));
        }

        return product;
    }
}
