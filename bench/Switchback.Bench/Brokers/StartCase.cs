using System.Diagnostics;
using System.Globalization;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Bench.Brokers;

/// <summary>From the launch of a broker on an existing data directory to its first answer to ApiVersions, and the memory it then holds at rest.</summary>
internal static class StartCase
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(string program, string folder, int rounds, Figures figures, Action<string> progress, CancellationToken cancellation)
    {
        var apache = Path.Combine(folder, "apache");
        var ports = ApacheKafka.FreePorts(4);
        var embedded = Path.Combine(folder, "embedded");
        string[] command = [program, "broker", "--listen", string.Create(CultureInfo.InvariantCulture, $"localhost:{ports}"), "--data", embedded];

        // Round 0 only prepares the directories: Apache Kafka formats its own with a program apart.
        for (var round = 0; round <= rounds; round++)
        {
            progress($"round {round} of {rounds}: start");
            await MeasureAsync(() => Task.FromResult(Launched.Start(command)), ours => ours.Id, ports, isOurs: true, round);
            await MeasureAsync(() => ApacheKafka.StartAsync(apache, secure: false, ports + 1, [], cancellation), _ => PidIn(apache), ports + 1, isOurs: false, round);
        }

        async Task MeasureAsync<T>(Func<Task<T>> start, Func<T, int> process, int port, bool isOurs, int round)
            where T : IAsyncDisposable
        {
            var began = Stopwatch.GetTimestamp();
            var starting = start();
            await AnswerAsync(port, starting, cancellation);
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await using var broker = await starting;
            await Task.Delay(Settling, cancellation);
            if (round > 0)
            {
                figures.Add("start-compared", "s", 1, Bar.Cost, isOurs, took);
                if (isOurs)
                {
                    figures.Add("start-to-answer", "s", 0.5, Bar.Value, isOurs, took);
                }

                figures.Add("memory-at-rest", "MB", 4, Bar.Cost, isOurs, ProcessUsage.PssBytes(process(broker)) / 1e6);
            }
        }
    }

    private static int PidIn(string folder) => int.Parse(File.ReadAllText(Path.Combine(folder, "pid")), CultureInfo.InvariantCulture);

    private static async Task AnswerAsync(int port, Task starting, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await KafkaConnection.ConnectAsync(new KafkaEndpoint("localhost", port), ClientSecurity.None, "bench", cancellation);
                return;
            }
            catch (KafkaConnectionException) when (Stopwatch.GetElapsedTime(began) < Patience)
            {
                if (starting.IsFaulted)
                {
                    await starting;
                }

                await Task.Delay(Pause, cancellation);
            }
        }
    }
}
