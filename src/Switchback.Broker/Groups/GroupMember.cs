using Switchback.Kafka.Messages;

namespace Switchback.Broker.Groups;

/// <summary>A way to assign partitions that a member knows, with what it tells the leader about itself.</summary>
internal readonly record struct GroupProtocol(string Name, byte[] Metadata);

/// <summary>A member of a group. Guarded by the group's lock.</summary>
internal sealed class GroupMember(string id, string? instanceId, string clientId, string clientHost)
{
    public string Id { get; } = id;

    /// <summary>The name a static member keeps over restarts; null for a dynamic member.</summary>
    public string? InstanceId { get; } = instanceId;

    public string ClientId { get; } = clientId;

    public string ClientHost { get; } = clientHost;

    public TimeSpan SessionTimeout { get; set; }

    public TimeSpan RebalanceTimeout { get; set; }

    public IReadOnlyList<GroupProtocol> Protocols { get; set; } = [];

    public byte[] Assignment { get; set; } = [];

    /// <summary>Completed when the group's next generation begins; null while the member does not wait for one.</summary>
    public TaskCompletionSource<JoinGroupResponse>? Joining { get; set; }

    /// <summary>Completed when the leader's assignment is there; null while the member does not wait for it.</summary>
    public TaskCompletionSource<SyncGroupResponse>? Syncing { get; set; }

    /// <summary>Whether it has the assignment of the current generation.</summary>
    public bool HasSynced { get; set; }

    /// <summary>Runs out when nothing is heard of the member for its session timeout.</summary>
    public ITimer? Session { get; set; }

    /// <summary>When the session ends, on the time provider's clock; <see cref="long.MaxValue"/> while the member waits for the group and cannot be late.</summary>
    public long SessionEnds { get; set; } = long.MaxValue;

    public byte[] MetadataFor(string? protocol)
    {
        foreach (var known in Protocols)
        {
            if (known.Name == protocol)
                return known.Metadata;
        }

        return [];
    }

    public bool HasSameProtocols(IReadOnlyList<GroupProtocol> other) =>
        Protocols.Count == other.Count
        && Protocols.Zip(other).All(p => p.First.Name == p.Second.Name && p.First.Metadata.AsSpan().SequenceEqual(p.Second.Metadata));
}
