using System.Globalization;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Faults;

/// <summary>A cluster whose disk fails (EIO): an error to the client, never a silent drop, and it goes on when the disk does.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-failing-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_write_is_answered_with_an_error_until_the_disk_works_again()
    {
        using var cluster = new ClusterProcess("offsets.topic.num.partitions=1\n", 1, _directory);
        cluster.Start();
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.Bootstrap) });
        var partition = await TopicAsync(client);
        var (id, kept) = (await ProducerIdAsync(client), new List<string>());
        await WriteAsync(5);
        Assert.Equal(KafkaError.None, await CommitAsync(client, "g", partition, 1));

        await using (await FailingDisk.OfAsync(cluster.ProcessId))
        {
            for (var attempt = 0; attempt < 3; attempt++)
                Assert.Equal(KafkaError.KafkaStorageError, await ProduceOnceAsync(client, partition, Batch()));
            var connection = await client.ConnectToCoordinatorAsync(CoordinatorType.Group, "g", TestContext.Current.CancellationToken);
            var commit = await connection.SendAsync(Commit("g", partition, 2), 8, TestContext.Current.CancellationToken);
            Assert.Equal(KafkaError.NotCoordinator, commit.Topics[0].Partitions[0].ErrorCode);
            Assert.Equal(1, await CommittedAsync(client, "g", partition));
            Assert.Equal(kept, await ValuesAsync(client, partition));
        }

        await WriteAsync(5);
        Assert.Equal(kept, await ValuesAsync(client, partition));
        Assert.Equal(KafkaError.None, await CommitAsync(client, "g", partition, 3));

        // And that is what is on the disk.
        cluster.Kill();
        cluster.Start();
        await using var again = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.Bootstrap) });
        Assert.Equal(kept, await ValuesAsync(again, partition));
        Assert.Equal(3, await CommittedAsync(again, "g", partition));

        byte[] Batch() => Batches.From(id, 0, kept.Count, kept.Count.ToString(CultureInfo.InvariantCulture));

        async Task WriteAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.Equal((KafkaError.None, kept.Count), await AppendAsync(client, partition, Batch()));
                kept.Add(kept.Count.ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
