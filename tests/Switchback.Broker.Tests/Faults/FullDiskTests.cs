using System.Globalization;
using System.Text;
using Switchback.Broker.Storage;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Faults;

/// <summary>A cluster whose disk is full: an error to the client, nothing acknowledged is dropped, and it goes on when there is room again.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-full-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_write_is_answered_with_an_error_until_there_is_room_again()
    {
        await SmallDisk.RequireAsync();
        using var cluster = new ClusterProcess("log.flush.interval.messages=1\noffsets.topic.num.partitions=1\n", 1, _directory, SmallDisk.Wrap);
        cluster.Start();
        var data = $"/proc/{cluster.ProcessId}/root{cluster.DataDirectory}";
        var ballast = Path.Combine(data, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[2 << 20], Stop);
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.Bootstrap) });
        TopicPartition[] partitions = [await TopicAsync(client), await TopicAsync(client)];
        Assert.Equal(KafkaError.None, await CommitAsync(client, "g", partitions[0], 1));
        var acknowledged = partitions.Select(_ => new List<int>()).ToArray();
        var id = await ProducerIdAsync(client);

        // Until both are refused: a batch that is smaller than what the other left over may still find room.
        var (sequences, refused) = (new int[2], new bool[2]);
        for (var i = 0; !refused.All(r => r); i++)
        {
            Assert.True(i < 1000, "the disk never filled");
            refused[i % 2] = !await WriteAsync(i % 2);
        }

        // Nothing else is taken, silently or otherwise; what was acknowledged is still served.
        var large = new string('x', 100_000);
        Assert.Equal(KafkaError.KafkaStorageError, await ProduceOnceAsync(client, partitions[0], Batches.Of(large)));
        Assert.Equal(acknowledged[0].Count, await LatestAsync(client, partitions[0], IsolationLevel.ReadUncommitted));
        Assert.Equal(acknowledged[0].Count, (await ValuesAsync(client, partitions[0])).Count);
        var connection = await client.ConnectToCoordinatorAsync(CoordinatorType.Group, "g", Stop);
        var commit = await connection.SendAsync(Commit(partitions[0], new string('m', 4000)), 8, Stop);
        Assert.Contains(commit.Topics[0].Partitions, p => p.ErrorCode is KafkaError.NotCoordinator or KafkaError.None);
        if (commit.Topics[0].Partitions[0].ErrorCode == KafkaError.NotCoordinator)
            Assert.Equal(1, await CommittedAsync(client, "g", partitions[0]));

        File.Delete(ballast);
        for (var i = 0; i < 10; i++)
            Assert.True(await WriteAsync(i % 2), "there is room again");
        for (var which = 0; which < 2; which++)
        {
            Assert.Equal(acknowledged[which], Numbers(await ValuesAsync(client, partitions[which])));
            Assert.Equal(acknowledged[which], Numbers(Recovered(data, partitions[which])));
        }

        async Task<bool> WriteAsync(int which)
        {
            var value = sequences[which].ToString(CultureInfo.InvariantCulture).PadRight(60_000);
            var error = await ProduceOnceAsync(client, partitions[which], Batches.From(id, 0, sequences[which], value));
            if (error == KafkaError.None)
                acknowledged[which].Add(sequences[which]++);
            else
                Assert.Equal(KafkaError.KafkaStorageError, error);
            return error == KafkaError.None;
        }
    }

    private static IEnumerable<int> Numbers(IEnumerable<string> values) => values.Select(value => int.Parse(value.Trim(), CultureInfo.InvariantCulture));

    /// <summary>What a start would find in the files as they are.</summary>
    private List<string> Recovered(string data, TopicPartition partition)
    {
        var (from, to) = (Path.Combine(data, $"{partition.Topic}-{partition.Partition}"), Path.Combine(_directory, partition.Topic));
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        using var log = new PartitionLog(to, new LogSettings());
        var values = new List<string>();
        log.ReadAll(batch => values.AddRange(batch.ReadRecords().Select(r => Encoding.UTF8.GetString(r.Value!.Value.Span))));
        return values;
    }

    private static OffsetCommitRequest Commit(TopicPartition partition, string metadata) => new()
    {
        GroupId = "g",
        GenerationIdOrMemberEpoch = -1,
        Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition, CommittedOffset = 2, CommittedMetadata = metadata }] }],
    };
}
