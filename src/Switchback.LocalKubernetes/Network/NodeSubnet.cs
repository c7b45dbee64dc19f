using System.Globalization;
using System.Net;

namespace Switchback.LocalKubernetes.Network;

/// <summary>A 10.x.y.0/24 that no interface or route of this machine uses and no other platform has claimed.</summary>
internal sealed class NodeSubnet : IDisposable
{
    private readonly MachineClaim _claim;
    private readonly byte _second;
    private readonly byte _third;

    private NodeSubnet(MachineClaim claim, byte second, byte third)
    {
        _claim = claim;
        _second = second;
        _third = third;
    }

    public IPAddress NodeAddress => Address(1);

    public IPAddress Address(int host) => new([10, _second, _third, (byte)host]);

    /// <summary>Claims a free one: the one it was the last time, by which others know the node, or else the first.</summary>
    /// <param name="memory">The file that says which it was; written where it is another one now.</param>
    /// <exception cref="NetworkException">There is none.</exception>
    public static NodeSubnet Claim(string memory)
    {
        var used = UsedNetworks();
        if (File.Exists(memory) && IPAddress.TryParse(File.ReadAllText(memory).Trim(), out var last) && last.GetAddressBytes() is [10, var second, var third, _]
            && Try(second, third, used) is { } known)
        {
            return known;
        }

        for (var number = 77 << 8; number <= ushort.MaxValue; number++)
        {
            if (Try((byte)(number >> 8), (byte)number, used) is { } found)
            {
                File.WriteAllText(memory, $"{found.NodeAddress}\n");
                return found;
            }
        }

        throw new NetworkException("no free 10.x.y.0/24 network on this machine");
    }

    public void Dispose() => _claim.Dispose();

    private static NodeSubnet? Try(byte second, byte third, List<(uint Network, uint Mask)> used)
    {
        var network = (10u << 24) | ((uint)second << 16) | ((uint)third << 8);
        return !used.Exists(taken => (network & taken.Mask) == taken.Network || (taken.Network & 0xffffff00) == network)
            && MachineClaim.Try(string.Create(CultureInfo.InvariantCulture, $"subnet/10.{second}.{third}")) is { } claim
            ? new NodeSubnet(claim, second, third)
            : null;
    }

    private static List<(uint Network, uint Mask)> UsedNetworks()
    {
        var used = new List<(uint, uint)>();
        // Each address of an interface that is up has a route too. (The framework's list of interfaces fails when one vanishes while it reads.)
        // The kernel prints the numbers in the machine's byte order.
        foreach (var fields in File.ReadLines("/proc/net/route").Skip(1).Select(line => line.Split('\t')).Where(fields => fields.Length > 7))
        {
            var mask = Swap(fields[7]);
            if (mask != 0)
            {
                used.Add((Swap(fields[1]) & mask, mask));
            }
        }

        return used;
    }

    private static uint Swap(string hexadecimal)
    {
        var number = uint.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(number) : number;
    }
}
