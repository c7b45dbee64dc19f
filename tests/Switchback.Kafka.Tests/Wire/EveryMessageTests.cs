using System.Buffers.Binary;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Tests.Schema;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Wire;

/// <summary>What holds for every message at every version, whatever a peer sends.</summary>
public class EveryMessageTests
{
    // An object and its list cost a few hundred bytes for the one or two that stand for it on the wire; 400 fields of a message cost a constant.
    private const int AllocationPerByte = 600;
    private const int AllocationPerMessage = 64 << 10;

    public static TheoryData<string> Messages => [.. OurSchema.Messages.Select(message => message.ClassName)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Reads_back_what_was_written(string name) => ForEachSample(name, samples: 20, (message, version, bytes) =>
    {
        var reader = new WireReader(bytes);
        var read = MessageReaders.Read(message, ref reader, version);
        Assert.Null(reader.Failure);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(bytes, Write(read, version));
    });

    [Theory]
    [MemberData(nameof(Messages))]
    public void Cut_off_anywhere_it_is_a_failure_and_nothing_else(string name) => ForEachSample(name, samples: 2, (message, version, bytes) =>
    {
        for (var length = 0; length < bytes.Length; length++)
        {
            var reader = new WireReader(bytes.AsMemory(0, length));
            MessageReaders.Read(message, ref reader, version);
            Assert.True(reader.Failed, $"{name} v{version} cut to {length} of {bytes.Length} bytes was read without a failure");
        }
    });

    [Theory]
    [MemberData(nameof(Messages))]
    public void Hostile_lengths_are_refused_before_they_are_allocated(string name) => ForEachSample(name, samples: 2, (message, version, bytes) =>
    {
        // Every place that might be a length or count is made a huge one, of either form.
        var hostile = new byte[bytes.Length + 5];
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var huge in HugeLengths)
            {
                bytes.CopyTo(hostile, 0);
                huge.CopyTo(hostile, at);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var reader = new WireReader(hostile.AsMemory(0, bytes.Length));
                MessageReaders.Read(message, ref reader, version);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated <= AllocationPerMessage + ((long)AllocationPerByte * bytes.Length),
                    $"{name} v{version}: {allocated} bytes allocated for {bytes.Length} bytes of input");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Messages))]
    public void Random_bytes_throw_nothing(string name)
    {
        var message = OurSchema.Get(name);
        var random = new Random(7);
        var bytes = new byte[200];
        for (var i = 0; i < 500; i++)
        {
            random.NextBytes(bytes);
            var version = (short)random.Next(message.Versions.Lowest, message.Versions.Highest + 1);
            var reader = new WireReader(bytes.AsMemory(0, random.Next(bytes.Length)));
            MessageReaders.Read(message, ref reader, version);
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_version_it_does_not_have_is_refused(string name)
    {
        var message = OurSchema.Get(name);
        foreach (var version in new[] { message.Versions.Lowest - 1, message.Versions.Highest + 1 })
        {
            var reader = new WireReader(new byte[1000]);
            var read = MessageReaders.Read(message, ref reader, (short)version);
            Assert.True(reader.Failed);
            using var writer = new WireWriter();
            Assert.Throws<InvalidOperationException>(() => read.Write(writer, (short)version));
        }
    }

    private static byte[][] HugeLengths
    {
        get
        {
            var int32 = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(int32, int.MaxValue);
            return [int32, [0x7f, 0xff], [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x01]];
        }
    }

    private static void ForEachSample(string name, int samples, Action<Message, short, byte[]> check)
    {
        var message = OurSchema.Get(name);
        var filler = new MessageFiller(new Random(name.Length));
        for (var version = message.Versions.Lowest; version <= message.Versions.Highest; version++)
        {
            for (var sample = 0; sample < samples; sample++)
                check(message, (short)version, Write(filler.Fill(message, (short)version), (short)version));
        }
    }

    private static byte[] Write(IKafkaMessage message, short version)
    {
        using var writer = new WireWriter();
        message.Write(writer, version);
        return writer.Written.ToArray();
    }
}
