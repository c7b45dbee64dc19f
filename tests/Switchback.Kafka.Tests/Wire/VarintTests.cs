using FsCheck;
using FsCheck.Fluent;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Wire;

public class VarintTests
{
    [Theory]
    [InlineData(0u, "00")]
    [InlineData(1u, "01")]
    [InlineData(127u, "7f")]
    [InlineData(128u, "8001")]
    [InlineData(300u, "ac02")]
    [InlineData(uint.MaxValue, "ffffffff0f")]
    public void Unsigned_forms_known_from_outside(uint value, string hex)
    {
        using var writer = new WireWriter();
        writer.WriteUnsignedVarint(value);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.Written.Span));
        Assert.Equal(hex.Length / 2, WireWriter.UnsignedVarintSize(value));
    }

    [Theory]
    [InlineData(0L, "00")]
    [InlineData(-1L, "01")]
    [InlineData(1L, "02")]
    [InlineData(-2L, "03")]
    [InlineData(2147483647L, "feffffff0f")]
    [InlineData(long.MaxValue, "feffffffffffffffff01")]
    [InlineData(long.MinValue, "ffffffffffffffffff01")]
    public void Zigzag_forms_known_from_outside(long value, string hex)
    {
        using var writer = new WireWriter();
        writer.WriteVarlong(value);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.Written.Span));
    }

    [Fact]
    public void Every_number_reads_back() => Prop.ForAll<long, int, uint>((wide, narrow, unsigned) =>
    {
        using var writer = new WireWriter(1);
        writer.WriteVarlong(wide);
        writer.WriteVarint(narrow);
        writer.WriteUnsignedVarint(unsigned);
        var reader = new WireReader(writer.Written);
        return reader.ReadVarlong() == wide && reader.ReadVarint() == narrow && reader.ReadUnsignedVarint() == unsigned && reader.Remaining == 0;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("ffffffff10")]
    [InlineData("ffffffffff01")]
    [InlineData("ffff")]
    public void What_does_not_fit_or_does_not_end_is_a_failure(string hex)
    {
        var reader = new WireReader(Convert.FromHexString(hex));
        Assert.Equal(0u, reader.ReadUnsignedVarint());
        Assert.True(reader.Failed);
    }

    [Fact]
    public void After_a_failure_every_read_answers_a_default()
    {
        var reader = new WireReader(new byte[] { 0, 0, 0 });
        Assert.Equal(0, reader.ReadInt32());
        var failure = reader.Failure;
        Assert.NotNull(failure);
        Assert.Equal((0, 0L, "", 0), (reader.ReadInt16(), reader.ReadInt64(), reader.ReadString(true), reader.ReadCount(true, false, 1)));
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(failure, reader.Failure);
        try
        {
            reader.ThrowIfFailed();
            Assert.Fail("nothing was thrown");
        }
        catch (WireFormatException e)
        {
            Assert.Equal(failure, e.Message);
        }
    }
}
