using System.Globalization;
using System.Text.RegularExpressions;

namespace Switchback.Bench.Load;

/// <summary>Apache Kafka's own perf tools, the same client for whichever broker is measured.</summary>
/// <param name="kafka">Where they are run from.</param>
/// <param name="bootstrap">Whom they talk to.</param>
/// <param name="configuration">A file with the properties that a client needs to be let in, or null where it needs none.</param>
internal sealed partial class PerfTools(ApacheKafka kafka, string bootstrap, string? configuration)
{
    private readonly string[] _letIn = configuration is null ? [] : ["--command-config", configuration];

    private const double Mebibyte = 1024 * 1024 / 1e6;

    /// <summary>Produces with acks=all; MB/s as the tool sums it up, of what followed the warm-up.</summary>
    /// <exception cref="InvalidOperationException">A record failed.</exception>
    public async Task<double> ProduceAsync(string topic, int records, int warmup, int recordSize, CancellationToken cancellation)
    {
        var lines = await kafka.RunAsync(
            [
                "producer-perf-test", "--bootstrap-server", bootstrap, "--topic", topic, "--num-records", Text(records),
                "--warmup-records", Text(warmup), "--record-size", Text(recordSize),
                "--throughput", "-1", "--reporting-interval", "600000", .. _letIn, "--command-property", "acks=all",
            ],
            cancellation);
        var summary = lines.LastOrDefault(line => MegabytesASecond().IsMatch(line));
        return summary is not null
            ? double.Parse(MegabytesASecond().Match(summary).Groups[1].Value, CultureInfo.InvariantCulture) * Mebibyte
            : throw new InvalidOperationException($"producer-perf-test did not say how fast it was: {string.Join(" | ", lines.TakeLast(5))}");
    }

    /// <summary>Consumes what a topic holds; MB/s as the tool sums it up, without the time in which its group formed.</summary>
    /// <exception cref="InvalidOperationException">It did not get all records.</exception>
    public async Task<double> ConsumeAsync(string topic, int records, CancellationToken cancellation)
    {
        var lines = await kafka.RunAsync(
            [
                "consumer-perf-test", "--bootstrap-server", bootstrap, "--topic", topic, "--num-records", Text(records), "--hide-header", "--timeout", "60000", .. _letIn,
            ],
            cancellation);

        // start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
        var fields = lines.Select(line => line.Split(", ")).LastOrDefault(fields => fields.Length == 10);
        if (fields is null || long.Parse(fields[4], CultureInfo.InvariantCulture) < records)
        {
            throw new InvalidOperationException($"consumer-perf-test did not get {records} records: {string.Join(" | ", lines.TakeLast(5))}");
        }

        return double.Parse(fields[8], CultureInfo.InvariantCulture) * Mebibyte;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\(([0-9.]+) MB/sec\)")]
    private static partial Regex MegabytesASecond();
}
