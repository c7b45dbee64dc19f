using System.Runtime.InteropServices;
using ChuckClient;
using Confluent.Kafka;

namespace ChuckConsumer;

internal static class Program
{
    private const string Usage = """
        usage: chuck-consumer CONFIG.PROPERTIES

        Reads the topics whose names match the pattern "topic" of CONFIG.PROPERTIES, a Java client's properties file, prints each record,
        and commits after each poll.
        """;

    // Leaving the group takes an answer from its coordinator; where there is none, the session's time-out does it.
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private static Task<int> Main(string[] args) => Application.RunAsync("chuck-consumer", Usage, ClientRole.Consumer, args, Read);

    private static async Task<int> Read(ClientProperties properties, ClientLog log)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var ledger = new LedgerLog(Console.OpenStandardOutput());
        var reader = new RecordReader(properties, ledger, log);
        reader.Subscribe();
        var reading = Task.Factory.StartNew(() => reader.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ledger.Text($"ready: {SubscriptionPattern.FromJava(properties.Topic)}");
        try
        {
            await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, stop.Token));
            if (reader.HasLostKafka)
            {
                // Whoever reads on elsewhere need not wait for this one.
                log.Say("the group is not left: its cluster does not answer");
                return 0;
            }

            await reading.WaitAsync(CloseTime);
            return 0;
        }
        catch (TimeoutException)
        {
            log.Say($"the group could not be left within {CloseTime.TotalSeconds:0} s");
            return 0;
        }
        catch (KafkaException e)
        {
            log.Say(e.Error);
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
