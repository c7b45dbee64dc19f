using System.Buffers.Binary;

namespace Switchback.Broker.Tests.Faults;

/// <summary>Makes something of a sound request that a broken or hostile client could send.</summary>
internal static class Mutation
{
    private static readonly int[] Extremes = [int.MaxValue, int.MinValue, -1, 0, 1, 0x7fff, 0xffff, 100_000_000];

    public static byte[] Of(byte[] request, IReadOnlyList<byte[]> corpus, Random random)
    {
        var mutated = request.ToArray();
        for (var steps = random.Next(1, 5); steps > 0; steps--)
            mutated = Step(mutated, corpus, random);
        return mutated;
    }

    public static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(0, 300)];
        random.NextBytes(noise);

        // Half of it looks like a request of some API, or nothing behind the header would ever be read.
        if (noise.Length >= 4 && random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt16BigEndian(noise, (short)random.Next(0, 93));
            BinaryPrimitives.WriteInt16BigEndian(noise.AsSpan(2), (short)random.Next(-1, 20));
        }

        return noise;
    }

    private static byte[] Step(byte[] bytes, IReadOnlyList<byte[]> corpus, Random random)
    {
        if (bytes.Length == 0)
            return corpus[random.Next(corpus.Count)].ToArray();
        var at = random.Next(bytes.Length);
        switch (random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2 when at + 4 <= bytes.Length:
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), Extremes[random.Next(Extremes.Length)]);
                return bytes;
            case 3:
                return bytes[..at];
            case 4:
                return [.. bytes[..at], .. bytes[random.Next(at + 1)..]];
            case 5:
                var other = corpus[random.Next(corpus.Count)];
                return [.. bytes[..at], .. other[random.Next(other.Length)..]];
            default:
                // Another version of the same request: the rest is then read by another rule.
                if (bytes.Length >= 4)
                    BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(2), (short)random.Next(0, 19));
                return bytes;
        }
    }
}
