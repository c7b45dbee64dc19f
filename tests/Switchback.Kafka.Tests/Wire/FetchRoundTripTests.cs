using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests;

public class FetchRoundTripTests
{
    [Fact]
    public void A_request_frame_reads_back_with_its_tagged_fields()
    {
        using var writer = new WireWriter();
        var fetch = new FetchRequest { ClusterId = "north", MaxWaitMs = 500, MinBytes = 1 };
        fetch.Topics.Add(new() { TopicId = Guid.NewGuid(), Partitions = [new() { Partition = 3, FetchOffset = 42, PartitionMaxBytes = 1 << 20 }] });
        fetch.UnknownTags = [new TaggedField(9, new byte[] { 1, 2, 3 })];
        KafkaFrame.WriteRequest(writer, FetchRequest.ApiKey, 17, 7, "test", fetch);

        var frame = writer.Written;
        var reader = new WireReader(frame);
        Assert.Equal(frame.Length - 4, reader.ReadInt32());
        var header = KafkaFrame.ReadRequestHeader(ref reader, frame[4..]);
        Assert.Equal("test", header.ClientId);
        Assert.True(ApiTable.TryReadRequest(header.RequestApiKey, ref reader, header.RequestApiVersion, out var message));
        var read = Assert.IsType<FetchRequest>(message);
        Assert.Equal("north", read.ClusterId);
        Assert.Equal(fetch.Topics[0].TopicId, read.Topics[0].TopicId);
        Assert.Equal(42, read.Topics[0].Partitions[0].FetchOffset);
        Assert.Equal(9u, Assert.Single(read.UnknownTags!).Tag);
        Assert.Equal(0, reader.Remaining);
    }
}
