using System.Diagnostics;
using System.Globalization;
using System.Text;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka.Client;

namespace Switchback.Broker.Tests;

/// <summary>
/// Kills the whole cluster under load, again and again, on the same data: what was acknowledged is there, once and in order.
/// Two rounds by default; fifty with SWITCHBACK_LONG=1.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-crash-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_cluster_is_killed_under_load()
    {
        var rounds = Environment.GetEnvironmentVariable("SWITCHBACK_LONG") == "1" ? 50 : 2;
        var stop = TestContext.Current.CancellationToken;
        var (acknowledged, sequence, random) = (new List<int>(), 0, new Random(1));
        for (var round = 0; round < rounds; round++)
        {
            using var cluster = Start(out var bootstrap);
            try
            {
                await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(bootstrap), Deadline = TimeSpan.FromSeconds(5) });
                if (round == 0)
                    await client.CreateTopicsAsync([new NewTopic("load", 1, 1)], stop);
                var killAfter = random.Next(50, 1000);
                using var killed = new CancellationTokenSource();
                var load = LoadAsync(client, sequence, acknowledged, killed.Token);
                await Eventually.HoldsAsync(() => Task.FromResult(Volatile.Read(ref _sent) > sequence + killAfter || load.IsCompleted));
                cluster.Kill();
                await cluster.WaitForExitAsync(stop);
                await killed.CancelAsync();
                sequence = await load;
            }
            finally
            {
                if (!cluster.HasExited)
                    cluster.Kill();
            }
        }

        Assert.NotEmpty(acknowledged);
        var found = Found();
        Assert.Equal([], acknowledged.Except(found));
        Assert.Equal(found.Distinct().Order(), found);
    }

    private int _sent;

    /// <summary>Produces one number after the other under an idempotent producer until the cluster is gone; the next number to send.</summary>
    private async Task<int> LoadAsync(ClusterClient client, int from, List<int> acknowledged, CancellationToken killed)
    {
        var next = from;
        try
        {
            for (; ; next++)
            {
                await client.ProduceAsync(new TopicPartition("load", 0), Batches.From(1000, 0, next, next.ToString(CultureInfo.InvariantCulture)), null, killed);
                acknowledged.Add(next);
                Volatile.Write(ref _sent, next);
            }
        }
        catch (Exception failure) when (failure is KafkaErrorException or IOException or OperationCanceledException)
        {
            // Its outcome is unknown: it is sent again in the next round, under its old sequence, and may not come twice.
            return next;
        }
    }

    private List<int> Found()
    {
        var log = new Broker.Storage.PartitionLog(Path.Combine(_directory, "load-0"), new Broker.Storage.LogSettings());
        var values = new List<int>();
        log.ReadAll(batch => values.AddRange(batch.ReadRecords().Select(r => int.Parse(Encoding.ASCII.GetString(r.Value!.Value.Span), CultureInfo.InvariantCulture))));
        log.Dispose();
        return values;
    }

    private Process Start(out string bootstrap)
    {
        var start = new ProcessStartInfo(Binary(), ["broker", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--data", _directory])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["SWITCHBACK_LIFELINE"] = "stdin";
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var ready = process.StandardOutput.ReadLine();
        Assert.StartsWith("ready: ", ready, StringComparison.Ordinal);
        bootstrap = ready!["ready: ".Length..];
        return process;
    }

    /// <summary>The program as it was published, or as it was last built.</summary>
    private static string Binary()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var artifacts = Path.Combine(directory.FullName, "artifacts");
            if (!Directory.Exists(artifacts))
                continue;
            var built = Path.Combine(artifacts, "bin", "Switchback");
            var candidates = new[] { Path.Combine(artifacts, "app", "switchback") }
                .Concat(Directory.Exists(built) ? Directory.GetFiles(built, "switchback", SearchOption.AllDirectories) : []);
            if (candidates.Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc) is { } binary)
                return binary;
        }

        Assert.Skip("the program is not built: ./switchback builds it");
        return "";
    }
}
