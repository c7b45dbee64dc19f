using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Wire;

/// <summary>
/// Every message of the protocol at every version, with something in every field: what leaves the proxy is, byte for byte, what came to it, but for the fields that say where a broker is.
/// </summary>
public sealed class TransparencyTests
{
    private const int CorrelationId = 4711;
    private const string Upstream = "canary.77";
    private const int UpstreamPort = 9092;

    // As long as the upstream's, so that nothing has to fill a response whose length was already sent.
    private const string Local = "127.0.0.1";
    private const int LocalPort = 32400;

    public static TheoryData<string> Apis => [.. ApiTable.All.Select(api => api.Name)];

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task A_request_passes_as_it_came(string name)
    {
        foreach (var (api, version, flexible) in VersionsOf(name))
        {
            using var writer = new WireWriter();
            KafkaFrame.WriteRequest(writer, api.Key, version, CorrelationId, "an application", Request(api, version, flexible));
            var frame = writer.Written.ToArray();
            Assert.Equal(frame, await PumpAsync(frame));
        }
    }

    [Theory]
    [MemberData(nameof(Apis))]
    public async Task A_response_passes_as_it_came_but_for_where_brokers_are(string name)
    {
        foreach (var (api, version, flexible) in VersionsOf(name))
        {
            var message = Response(api, version, flexible);
            var sent = Frame(message, api.Key, version);
            var request = new InFlightRequest(CorrelationId, api.Key, version, await HandlingAsync(api, version));
            var received = await Harness.Rewriting.PumpResponseAsync(sent, [], request, Harness.Rewriting.Identity(($"{Upstream}:{UpstreamPort}", $"{Local}:{LocalPort}")));
            Localize(message, version);
            Assert.True(Frame(message, api.Key, version).AsSpan().SequenceEqual(received), $"{name} {version}, {request.Handling}: {Convert.ToHexString(sent)} became {Convert.ToHexString(received)}");
        }
    }

    private static IEnumerable<(ApiInfo Api, short Version, bool Flexible)> VersionsOf(string name)
    {
        var api = ApiTable.All.Single(api => api.Name == name);
        return Enumerable.Range(api.LowestVersion, api.HighestVersion - api.LowestVersion + 1).Select(version => (api, (short)version, version >= api.FirstFlexibleVersion));
    }

    private static Type TypeOf(string name, string kind) => typeof(MetadataResponse).Assembly.GetType($"Switchback.Kafka.Messages.{name}{kind}", throwOnError: true)!;

    private static IKafkaMessage Request(ApiInfo api, short version, bool flexible)
    {
        var message = Filled.At(TypeOf(api.Name, "Request"), version, flexible);
        if (message is SaslHandshakeRequest handshake)
        {
            // What follows version 0 has to be counted, so that the mechanism has to be one the proxy knows.
            handshake.Mechanism = "PLAIN";
        }

        return message;
    }

    private static IKafkaMessage Response(ApiInfo api, short version, bool flexible)
    {
        var message = Filled.At(TypeOf(api.Name, "Response"), version, flexible);
        if (message is ApiVersionsResponse versions)
        {
            // What the proxy does not know is not offered: that is another test's.
            versions.ApiKeys = [.. ApiTable.All.Select(known => new ApiVersionsResponse.ApiVersion { ApiKey = known.Key, MinVersion = known.LowestVersion, MaxVersion = known.HighestVersion })];
            versions.SupportedFeatures.ForEach(feature => feature.MinVersion = 0);
            versions.FinalizedFeatures.ForEach(feature => feature.MinVersionLevel = 0);
        }

        foreach (var (address, host, port) in AddressesIn(message).Where(found => (string?)found.Host.GetValue(found.Part) is { Length: > 0 }))
        {
            host.SetValue(address, Upstream);
            port.SetValue(address, Convert.ChangeType(UpstreamPort, port.PropertyType, System.Globalization.CultureInfo.InvariantCulture));

            // A node endpoint in a tail is written anew from the fields the schema knows.
            if (TailLayout.Of(api.Key, version) is not null)
            {
                address.GetType().GetProperty("UnknownTags")!.SetValue(address, null);
            }
        }

        return message;
    }

    /// <summary>What the client is to get: the local address in place of the upstream's.</summary>
    private static void Localize(IKafkaMessage message, short version)
    {
        if (message is StreamsGroupHeartbeatResponse or StreamsGroupDescribeResponse)
        {
            // Applications tell each other where they are (KIP-1071).
            return;
        }

        if (message is DescribeQuorumResponse quorum)
        {
            quorum.Nodes.ForEach(node => node.Listeners.Clear());
        }

        foreach (var (address, host, port) in AddressesIn(message).Where(found => Equals(found.Host.GetValue(found.Part), Upstream)))
        {
            host.SetValue(address, Local);
            port.SetValue(address, LocalPort);
        }
    }

    private static IEnumerable<(object Part, System.Reflection.PropertyInfo Host, System.Reflection.PropertyInfo Port)> AddressesIn(IKafkaMessage message) =>
        Filled.PartsOf(message)
            .Select(part => (part, part.GetType().GetProperty("Host"), part.GetType().GetProperty("Port")))
            .Where(found => found.Item2 is not null && found.Item3 is not null)
            .Select(found => (found.part, found.Item2!, found.Item3!));

    private static byte[] Frame(IKafkaMessage message, short key, short version)
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteResponse(writer, key, version, CorrelationId, message);
        return writer.Written.ToArray();
    }

    /// <summary>What the proxy means to do with the response, by sending it the request.</summary>
    private static async Task<ResponseHandling> HandlingAsync(ApiInfo api, short version)
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, api.Key, version, CorrelationId, "an application", Request(api, version, flexible: false));
        var inFlight = new InFlightRequests(256);
        await PumpAsync(writer.Written.ToArray(), inFlight);
        Assert.True(inFlight.TryTake(CorrelationId, out var request), $"{api.Name} {version} is not waited for");
        return request.Handling;
    }

    private static async Task<byte[]> PumpAsync(byte[] frame, InFlightRequests? inFlight = null)
    {
        var upstream = new CutStream([], []);
        var context = Harness.Rewriting.Context(upstream, Harness.Rewriting.Identity(), inFlight ?? new InFlightRequests(256));
        await new RequestPump(context, new CutStream(frame, [])).RunAsync(CancellationToken.None);
        return upstream.Written.ToArray();
    }
}
