using System.Buffers.Binary;
using System.Diagnostics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Bench.Load;

/// <summary>How a <see cref="PacedProducer"/> sends.</summary>
/// <param name="Topic">An existing topic; all goes to its partition 0, whose leader the stream must reach.</param>
/// <param name="MessagesPerSecond">The pace.</param>
/// <param name="MessagesPerRequest">How many travel together: with 10, 10,000 messages a second are one request each millisecond.</param>
/// <param name="MessageBytes">Bytes of each message's value.</param>
/// <param name="Acks">What the broker waits for: 1 its own log, -1 all replicas.</param>
internal sealed record Pace(string Topic, int MessagesPerSecond, int MessagesPerRequest = 10, int MessageBytes = 100, short Acks = -1);

/// <summary>
/// Produces at a fixed pace and takes each request's time with microseconds. The pace does not wait for answers (an open loop), and a time begins
/// when the request was due: what a stall makes wait is counted too.
/// </summary>
internal static class PacedProducer
{
    // By topic name, at a version that every broker of today has.
    private const short Version = 9;

    /// <summary>Sends for a time; answers the latencies in milliseconds, those of the first second left out.</summary>
    /// <param name="stream">A connection to the partition's leader on which requests can be sent; two threads use it at once.</param>
    /// <exception cref="InvalidOperationException">The broker refused a request.</exception>
    public static Latencies Run(Stream stream, Pace pace, TimeSpan duration) => Run([stream], pace, duration)[0];

    /// <summary>The same on several connections at once, each at the whole pace and in turn with the others: what stalls the broker is in the times of all of them alike.</summary>
    /// <inheritdoc cref="Run(Stream, Pace, TimeSpan)"/>
    public static IReadOnlyList<Latencies> Run(IReadOnlyList<Stream> streams, Pace pace, TimeSpan duration)
    {
        var frame = Frame(pace);
        var requests = (int)(duration.TotalSeconds * pace.MessagesPerSecond / pace.MessagesPerRequest);
        var warm = Math.Min(pace.MessagesPerSecond / pace.MessagesPerRequest, requests / 2);
        var period = (double)Stopwatch.Frequency * pace.MessagesPerRequest / pace.MessagesPerSecond;
        var answers = streams.Select(stream => new Answers(stream, requests)).ToList();
        var began = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 100);
        double Due(int stream, int request) => began + ((request + ((double)stream / streams.Count)) * period);
        try
        {
            for (var i = 0; i < requests; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), i);
                for (var s = 0; s < streams.Count; s++)
                {
                    WaitUntil((long)Due(s, i));
                    streams[s].Write(frame);
                }
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException && answers.Exists(a => a.Failure is not null))
        {
            // The reader says why.
        }

        var times = answers.Select(a => a.Wait()).ToList();
        return [.. times.Select((at, s) => new Latencies([.. at.Select((time, i) => (time - Due(s, i)) * 1000 / Stopwatch.Frequency).Skip(warm)]))];
    }

    private static byte[] Frame(Pace pace)
    {
        using var builder = new RecordBatchBuilder();
        var value = new byte[pace.MessageBytes];
        Random.Shared.NextBytes(value);
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (var i = 0; i < pace.MessagesPerRequest; i++)
        {
            builder.Append(now, null, value);
        }

        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, ProduceRequest.ApiKey, Version, 0, "paced", new ProduceRequest
        {
            Acks = pace.Acks,
            TimeoutMs = 30_000,
            TopicData = [new() { Name = pace.Topic, PartitionData = [new() { Index = 0, Records = builder.Build() }] }],
        });
        return writer.Written.ToArray();
    }

    private static void Read(Stream stream, long[] answered)
    {
        var frame = new byte[4096];
        for (var i = 0; i < answered.Length; i++)
        {
            stream.ReadExactly(frame.AsSpan(0, 4));
            var size = BinaryPrimitives.ReadInt32BigEndian(frame);
            if (size < 4 || size > frame.Length)
            {
                throw new InvalidOperationException($"a response of {size} bytes");
            }

            stream.ReadExactly(frame.AsSpan(0, size));
            answered[i] = Stopwatch.GetTimestamp();
            if (i == 0 || i == answered.Length - 1)
            {
                Check(frame.AsMemory(0, size), i);
            }
        }
    }

    private static void Check(ReadOnlyMemory<byte> frame, int expected)
    {
        var reader = new WireReader(frame);
        var correlationId = reader.ReadInt32();
        reader.SkipTags();
        var response = ProduceResponse.Read(ref reader, Version);
        reader.ThrowIfFailed();
        var error = response.Responses[0].PartitionResponses[0].ErrorCode;
        if (correlationId != expected || error != KafkaError.None)
        {
            throw new InvalidOperationException($"request {expected} was answered as {correlationId}, {error}");
        }
    }

    /// <summary>Reads the answers of one connection as they come, on a thread of its own.</summary>
    private sealed class Answers
    {
        private readonly long[] _at;
        private readonly Thread _reader;
        private volatile Exception? _failure;

        public Answers(Stream stream, int count)
        {
            _at = new long[count];
            _reader = new Thread(() =>
            {
                try
                {
                    Read(stream, _at);
                }
                catch (Exception broken)
                {
                    _failure = broken;
                    stream.Dispose();
                }
            })
            { Name = "answers" };
            _reader.Start();
        }

        public Exception? Failure => _failure;

        /// <summary>When each was there.</summary>
        public long[] Wait()
        {
            _reader.Join();
            return _failure is null ? _at : throw new InvalidOperationException($"the paced producer failed: {_failure.Message}", _failure);
        }
    }

    private static void WaitUntil(long at)
    {
        // Sleeping is late by a tenth of a millisecond at times: the last stretch is spun.
        var spin = Stopwatch.Frequency / 5000;
        while (true)
        {
            var left = at - Stopwatch.GetTimestamp();
            if (left <= 0)
            {
                return;
            }

            if (left > spin + (Stopwatch.Frequency / 1000))
            {
                Thread.Sleep(1);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }
}

/// <summary>Times of one run, in milliseconds.</summary>
internal sealed class Latencies(double[] milliseconds)
{
    private readonly double[] _sorted = [.. milliseconds.Order()];

    /// <summary>The value that the given share of all times does not exceed: 0.5 the median, 0.99 the 99th percentile.</summary>
    public double Percentile(double share) => _sorted[(int)Math.Min(_sorted.Length - 1, Math.Ceiling(share * _sorted.Length) - 1)];
}
