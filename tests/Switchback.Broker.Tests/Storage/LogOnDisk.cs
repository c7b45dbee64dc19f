using System.Text;
using Switchback.Broker.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Storage;

/// <summary>A partition's log in a directory of its own, which can be dropped without closing it and opened again, as after a kill.</summary>
internal sealed class LogOnDisk : IDisposable
{
    private readonly LogSettings _settings;

    public LogOnDisk(LogSettings? settings = null)
    {
        _settings = settings ?? new LogSettings();
        Log = new PartitionLog(Directory, _settings);
    }

    public string Directory { get; } = Path.Combine(System.IO.Directory.CreateTempSubdirectory("switchback-log-").FullName, "t-0");

    public PartitionLog Log { get; private set; }

    public static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public AppendResult Append(byte[] batch, int epoch = 0) => Log.Append(batch, epoch, Now);

    public long Appended(byte[] batch, int epoch = 0)
    {
        var result = Append(batch, epoch);
        Assert.Equal(KafkaError.None, result.Error);
        return result.BaseOffset;
    }

    /// <summary>Opens the files again as they are now; nothing of the former log in memory is used.</summary>
    public void Reopen(bool afterPowerLoss = false)
    {
        Log.Dispose();
        Log = new PartitionLog(Directory, _settings, afterPowerLoss);
    }

    public List<string> Values(long from = 0, long limit = long.MaxValue)
    {
        var values = new List<string>();
        while (Log.Read(from, int.MaxValue, wholeFirst: true, limit, out var slice) == KafkaError.None && slice.Length > 0)
        {
            var bytes = new byte[slice.Length];
            Assert.Equal(bytes.Length, RandomAccess.Read(slice.File!, bytes, slice.Position));
            foreach (var batch in RecordBatchReader.ReadBatches(bytes))
            {
                Assert.True(batch.IsCrcValid);
                if (!batch.Header.IsControl)
                    values.AddRange(batch.ReadRecords().Where(r => r.Offset >= from).Select(r => Encoding.UTF8.GetString(r.Value!.Value.Span)));
                from = batch.Header.NextOffset;
            }
        }

        return values;
    }

    public void Dispose()
    {
        Log.Dispose();
        System.IO.Directory.Delete(Path.GetDirectoryName(Directory)!, recursive: true);
    }
}
