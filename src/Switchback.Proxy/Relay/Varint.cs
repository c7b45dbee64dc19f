namespace Switchback.Proxy.Relay;

/// <summary>Unsigned variable-length integers in bytes that may end in the middle of one.</summary>
internal static class Varint
{
    /// <summary>False when the bytes end first. Throws <see cref="RelayException"/> for one longer than five bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out uint value)
    {
        value = 0;
        for (var i = 0; i < 5; i++)
        {
            if (at + i >= bytes.Length)
            {
                return false;
            }

            var next = bytes[at + i];
            value |= (uint)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                at += i + 1;
                return true;
            }
        }

        throw new RelayException("a variable-length integer does not end");
    }
}
