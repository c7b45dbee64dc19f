using System.Text;
using Switchback.Kafka.Records;

namespace Switchback.Kafka.Tests.Records;

public class Crc32CTests
{
    // The check value of the CRC catalogue, and the vectors of RFC 3720, B.4.
    [Fact]
    public void Published_vectors()
    {
        var ascending = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(ascending));
        Assert.Equal(0x113FDB5Cu, Crc32C.Compute(ascending.AsEnumerable().Reverse().ToArray()));
        Assert.Equal(0u, Crc32C.Compute([]));
    }
}
