using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Wire;

/// <summary>What is written when a version lacks a field.</summary>
public class VersionRuleTests
{
    [Fact]
    public void A_value_that_the_version_cannot_carry_is_refused_by_name()
    {
        var request = new FindCoordinatorRequest { CoordinatorKeys = ["a", "b"] };
        var failure = Assert.Throws<InvalidOperationException>(() => Write(request, 3));
        Assert.Contains("FindCoordinatorRequest.CoordinatorKeys", failure.Message, StringComparison.Ordinal);
        Assert.Contains("version 3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ignorable_value_is_left_out()
    {
        var with = new FetchRequest { RackId = "rack-1" };
        Assert.Equal(Write(new FetchRequest(), 10), Write(with, 10));
        Assert.NotEqual(Write(new FetchRequest(), 11), Write(with, 11));
    }

    [Fact]
    public void A_null_that_the_version_does_not_allow_is_refused()
    {
        var request = new MetadataRequest { Topics = null };
        Assert.Throws<InvalidOperationException>(() => Write(request, 0));
        Assert.NotEmpty(Write(request, 1));
    }

    [Fact]
    public void A_null_that_is_not_allowed_is_a_failure_to_read()
    {
        var reader = new WireReader(new byte[] { 0xff, 0xff, 0xff, 0xff });
        MetadataRequest.Read(ref reader, 0);
        Assert.Contains("null", reader.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_tags_are_refused_in_a_version_without_tags()
    {
        var request = new HeartbeatRequest { UnknownTags = [new TaggedField(1, new byte[1])] };
        Assert.Throws<InvalidOperationException>(() => Write(request, 3));
        Assert.NotEmpty(Write(request, 4));
    }

    [Fact]
    public void A_string_too_long_for_the_protocol_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Write(new HeartbeatRequest { GroupId = new string('x', 40_000) }, 4));
    }

    [Fact]
    public void Known_and_unknown_tags_are_written_in_the_order_of_their_numbers()
    {
        var request = new FetchRequest { ClusterId = "c", UnknownTags = [new TaggedField(5, new byte[] { 7 })] };
        request.ReplicaState.ReplicaId = 3;
        var bytes = Write(request, 15);
        var reader = new WireReader(bytes);
        var read = FetchRequest.Read(ref reader, 15);
        Assert.Null(reader.Failure);
        Assert.Equal(("c", 3, 5u), (read.ClusterId, read.ReplicaState.ReplicaId, read.UnknownTags![0].Tag));
        Assert.Equal(bytes, Write(read, 15));
    }

    [Fact]
    public void A_tagged_field_that_does_not_end_where_its_size_says_is_a_failure()
    {
        var request = new FetchRequest { ClusterId = "cluster" };
        var bytes = Write(request, 12);
        var size = bytes.AsSpan().LastIndexOf((byte)8) - 1;
        Assert.Equal(8, bytes[size]);
        bytes[size] = 7;
        var reader = new WireReader(bytes);
        FetchRequest.Read(ref reader, 12);
        Assert.True(reader.Failed);
    }

    private static byte[] Write(IKafkaMessage message, short version)
    {
        using var writer = new WireWriter();
        message.Write(writer, version);
        return writer.Written.ToArray();
    }
}
