using System.Collections.Frozen;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Relay;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// The responses that are held whole, decoded and written anew. One table drives both the decision and the rewriting, so that a message is either here,
/// in <see cref="EndpointTail"/>, or carries no broker's address (a test derives that from the schema).
/// </summary>
internal static class ResponseRewriter
{
    private delegate IKafkaMessage Rewrite(ref WireReader body, short version, UpstreamIdentity identity);

    private static readonly FrozenDictionary<short, Rewrite> ByKey = new Dictionary<short, Rewrite>
    {
        [ApiVersionsRequest.ApiKey] = ApiVersions,
        [MetadataRequest.ApiKey] = Metadata,
        [InitProducerIdRequest.ApiKey] = InitProducerId,
        [FindCoordinatorRequest.ApiKey] = FindCoordinator,
        [DescribeClusterRequest.ApiKey] = DescribeCluster,
        [DescribeQuorumRequest.ApiKey] = DescribeQuorum,
        [DescribeConfigsRequest.ApiKey] = DescribeConfigs,
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> AddressSettings = FrozenSet.Create("host.name", "advertised.host.name", "controller.quorum.voters", "zookeeper.connect");

    /// <summary>Ends of settings' names, which components of a broker put their prefix before: <c>advertised.listeners</c>, <c>rlmm.config.remote.log.metadata.common.client.bootstrap.servers</c>.</summary>
    private static readonly string[] AddressSettingEnds = ["listeners", "bootstrap.servers"];

    // What a broker can do it says to each connection anew, and the answer depends on nothing else: the latest is kept, so that a connection's beginning costs little.
    private static volatile Capabilities? _latest;

    public static bool Rewrites(short apiKey) => ByKey.ContainsKey(apiKey);

    /// <summary>Appends the rewritten frame, length included. Throws <see cref="RelayException"/> when the broker's response is malformed.</summary>
    public static void Append(WireWriter output, short apiKey, short version, ReadOnlyMemory<byte> frame, UpstreamIdentity identity)
    {
        var start = output.Position;
        if (apiKey == ApiVersionsRequest.ApiKey && _latest is { } latest && latest.TryAppend(output, version, frame.Span))
        {
            return;
        }

        var asked = version;
        var reader = new WireReader(frame);
        var headerVersion = ApiTable.Get(apiKey).ResponseHeaderVersion(version);
        var header = ResponseHeader.Read(ref reader, headerVersion);

        // A broker that does not know the version asked for answers ApiVersions at version 0 (KIP-511).
        if (apiKey == ApiVersionsRequest.ApiKey && new WireReader(frame[reader.Position..]).ReadError() == KafkaError.UnsupportedVersion)
        {
            version = 0;
        }

        var body = ByKey[apiKey](ref reader, version, identity);
        if (reader.Failed || reader.Remaining > 0)
        {
            throw new RelayException($"the broker's {ApiTable.Get(apiKey).Name} response, version {version}, is malformed: {reader.Failure ?? "bytes are left"}");
        }

        output.WriteInt32(0);
        header.Write(output, headerVersion);
        body.Write(output, version);
        output.PatchInt32(start, output.Position - start - 4);
        if (apiKey == ApiVersionsRequest.ApiKey)
        {
            _latest = new Capabilities(asked, frame.ToArray(), output.Written[start..].ToArray());
        }
    }

    /// <summary>An answer to ApiVersions and what became of it; both begin with a correlation id, the latter behind its length.</summary>
    private sealed record Capabilities(short Version, byte[] Frame, byte[] Rewritten)
    {
        private const int CorrelationId = 4;

        /// <summary>Appends what became of the same answer, with the correlation id of this one.</summary>
        public bool TryAppend(WireWriter output, short version, ReadOnlySpan<byte> frame)
        {
            if (version != Version || frame.Length != Frame.Length || !frame[CorrelationId..].SequenceEqual(Frame.AsSpan(CorrelationId)))
            {
                return false;
            }

            output.WriteRaw(Rewritten.AsSpan(0, CorrelationId));
            output.WriteRaw(frame[..CorrelationId]);
            output.WriteRaw(Rewritten.AsSpan(2 * CorrelationId));
            return true;
        }
    }

    private static ApiVersionsResponse ApiVersions(ref WireReader body, short version, UpstreamIdentity identity)
    {
        var response = ApiVersionsResponse.Read(ref body, version);
        VersionCaps.Apply(response);
        return response;
    }

    private static MetadataResponse Metadata(ref WireReader body, short version, UpstreamIdentity identity)
    {
        var response = MetadataResponse.Read(ref body, version);
        foreach (var broker in response.Brokers)
        {
            (broker.Host, broker.Port) = identity.Address(broker.NodeId, broker.Host, broker.Port);
            broker.NodeId = identity.Node(broker.NodeId);
        }

        identity.Nodes([.. response.Brokers.Select(broker => broker.NodeId)]);
        response.ClusterId = identity.Cluster(response.ClusterId);
        response.ControllerId = identity.Node(response.ControllerId);
        foreach (var topic in response.Topics)
        {
            topic.TopicId = identity.Topic(topic.TopicId);
            foreach (var partition in topic.Partitions)
            {
                partition.LeaderId = identity.Node(partition.LeaderId);
                partition.LeaderEpoch = identity.LeaderEpoch(partition.LeaderEpoch);
            }
        }

        return response;
    }

    private static InitProducerIdResponse InitProducerId(ref WireReader body, short version, UpstreamIdentity identity)
    {
        var response = InitProducerIdResponse.Read(ref body, version);
        response.ProducerId = identity.Producer(response.ProducerId);
        return response;
    }

    private static FindCoordinatorResponse FindCoordinator(ref WireReader body, short version, UpstreamIdentity identity)
    {
        var response = FindCoordinatorResponse.Read(ref body, version);
        if (version < 4)
        {
            (response.Host, response.Port) = identity.Address(response.NodeId, response.Host, response.Port);
            response.NodeId = identity.Node(response.NodeId);
        }

        foreach (var coordinator in response.Coordinators)
        {
            (coordinator.Host, coordinator.Port) = identity.Address(coordinator.NodeId, coordinator.Host, coordinator.Port);
            coordinator.NodeId = identity.Node(coordinator.NodeId);
        }

        return response;
    }

    private static DescribeClusterResponse DescribeCluster(ref WireReader body, short version, UpstreamIdentity identity)
    {
        const sbyte Controllers = 2;
        var response = DescribeClusterResponse.Read(ref body, version);
        foreach (var node in response.Brokers)
        {
            // A controller may have a broker's id and another address.
            var nodeId = response.EndpointType == Controllers ? -1 : node.BrokerId;
            (node.Host, node.Port) = identity.Address(nodeId, node.Host, node.Port);
            node.BrokerId = identity.Node(node.BrokerId);
        }

        response.ClusterId = identity.Cluster(response.ClusterId) ?? "";
        response.ControllerId = identity.Node(response.ControllerId);

        return response;
    }

    private static DescribeConfigsResponse DescribeConfigs(ref WireReader body, short version, UpstreamIdentity identity)
    {
        // Broker settings that are addresses get no value, as sensitive ones do.
        var response = DescribeConfigsResponse.Read(ref body, version);
        foreach (var config in response.Results.SelectMany(result => result.Configs).Where(config => IsAddress(config.Name)))
        {
            config.Value = null;
            foreach (var synonym in config.Synonyms)
            {
                synonym.Value = null;
            }
        }

        return response;
    }

    private static bool IsAddress(string setting) => AddressSettings.Contains(setting) || AddressSettingEnds.Any(end => setting.EndsWith(end, StringComparison.Ordinal));

    private static DescribeQuorumResponse DescribeQuorum(ref WireReader body, short version, UpstreamIdentity identity)
    {
        // Controllers' addresses: no client of brokers connects to them, so they are left out.
        var response = DescribeQuorumResponse.Read(ref body, version);
        foreach (var node in response.Nodes)
        {
            node.Listeners.Clear();
        }

        return response;
    }
}
