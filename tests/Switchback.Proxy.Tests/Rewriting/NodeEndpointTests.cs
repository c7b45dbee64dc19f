using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Rewriting;

public sealed class NodeEndpointTests
{
    private const int CorrelationId = 77;

    /// <summary>API, version, the upstream's host, and whether the endpoints can stay.</summary>
    public static TheoryData<short, short, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<short, short, string, bool>();
            (short Key, short First)[] apis = [(0, 10), (1, 16), (78, 1), (79, 1)];
            foreach (var (key, first) in apis)
            {
                for (var version = first; version <= ApiTable.Get(key).HighestVersion; version++)
                {
                    cases.Add(key, version, "canary.upstream.example", true);
                    cases.Add(key, version, "canary.77", true);
                    cases.Add(key, version, new string('c', 200) + ".canary", true);

                    // Two hosts shorten by two bytes together where each is one byte longer than the local one; a shorter one cannot stay.
                    cases.Add(key, version, "canary.777", true);
                    cases.Add(key, version, "canary", false);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task EndpointsAreOverwrittenAtEqualLengthWhereverTheBytesAreCut(short key, short version, string host, bool stays)
    {
        var message = Response(key, host);
        var frame = Frame(message, key, version);
        var identity = Harness.Rewriting.Identity(($"{host}:9092", "127.0.0.1:32400"));
        var request = new InFlightRequest(CorrelationId, key, version, ResponseHandling.StreamWithTail);
        var whole = await Harness.Rewriting.PumpResponseAsync(frame, [], request, identity);

        Assert.Equal(frame.Length, whole.Length);
        Assert.DoesNotContain("canary", Encoding.UTF8.GetString(whole));
        Assert.Equal(Expected(message, key, version, stays), Decoded(whole, key, version));
        for (var cut = 1; cut < frame.Length; cut++)
        {
            Assert.Equal(whole, await Harness.Rewriting.PumpResponseAsync(frame, [cut], request, identity));
        }

        Assert.Equal(whole, await Harness.Rewriting.PumpResponseAsync(frame, Enumerable.Range(1, frame.Length), request, identity));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ATruncatedResponseEndsTheConnectionAndLeaksNothing(short key, short version, string host, bool stays)
    {
        Assert.True(stays || host.Length > 0);
        var frame = Frame(Response(key, host), key, version);
        var identity = Harness.Rewriting.Identity(($"{host}:9092", "127.0.0.1:32400"));
        var request = new InFlightRequest(CorrelationId, key, version, ResponseHandling.StreamWithTail);
        for (var length = 9; length < frame.Length; length += 7)
        {
            // The length field says what is there, so that only the content is short.
            var cut = frame.AsSpan(0, length).ToArray();
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(cut, length - 4);
            await Assert.ThrowsAsync<RelayException>(() => Harness.Rewriting.PumpResponseAsync(cut, [], request, identity));
        }
    }

    private static IKafkaMessage Response(short key, string host)
    {
        var message = (IKafkaMessage)Filled.Fill(Activator.CreateInstance(SchemaCoverageTests.ResponseType(ApiTable.Get(key).Name))!, flexible: true);
        foreach (var endpoint in Endpoints(message))
        {
            endpoint.GetType().GetProperty("Host")!.SetValue(endpoint, host);
            endpoint.GetType().GetProperty("UnknownTags")!.SetValue(endpoint, null);
            endpoint.GetType().GetProperty("Port")!.SetValue(endpoint, 9092);
        }

        return message;
    }

    private static byte[] Frame(IKafkaMessage message, short key, short version)
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteResponse(writer, key, version, CorrelationId, message);
        return writer.Written.ToArray();
    }

    /// <summary>The body without unknown tags at its end, where the filler is, and of the endpoints.</summary>
    private static byte[] Decoded(byte[] frame, short key, short version)
    {
        var reader = new WireReader(frame.AsMemory(4));
        Assert.Equal(CorrelationId, reader.ReadInt32());
        reader.SkipTags();
        Assert.True(ApiTable.TryReadResponse(key, ref reader, version, out var message), reader.Failure);
        Assert.Equal(0, reader.Remaining);
        return Comparable(message, version);
    }

    private static byte[] Expected(IKafkaMessage message, short key, short version, bool stays)
    {
        var reader = new WireReader(Frame(message, key, version).AsMemory(9));
        Assert.True(ApiTable.TryReadResponse(key, ref reader, version, out var expected));
        if (!stays)
        {
            ((System.Collections.IList)expected.GetType().GetProperty("NodeEndpoints")!.GetValue(expected)!).Clear();
        }

        foreach (var endpoint in Endpoints(expected))
        {
            endpoint.GetType().GetProperty("Host")!.SetValue(endpoint, "127.0.0.1");
            endpoint.GetType().GetProperty("Port")!.SetValue(endpoint, 32400);
        }

        return Comparable(expected, version);
    }

    private static byte[] Comparable(IKafkaMessage message, short version)
    {
        message.GetType().GetProperty("UnknownTags")!.SetValue(message, null);
        foreach (var endpoint in Endpoints(message))
        {
            endpoint.GetType().GetProperty("UnknownTags")!.SetValue(endpoint, null);
        }

        using var writer = new WireWriter();
        message.Write(writer, version);
        return writer.Written.ToArray();
    }

    private static IEnumerable<object> Endpoints(IKafkaMessage message) =>
        ((System.Collections.IEnumerable)message.GetType().GetProperty("NodeEndpoints")!.GetValue(message)!).Cast<object>();
}
