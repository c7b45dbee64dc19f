using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka;

/// <summary>Every API in the schema, by key.</summary>
public static partial class ApiTable
{
    private static readonly FrozenDictionary<short, ApiInfo> ByKey = Rows().ToFrozenDictionary(info => info.Key);

    /// <summary>All APIs, in the order of their keys.</summary>
    public static IReadOnlyList<ApiInfo> All { get; } = Rows();

    /// <summary>The API of a key; false for a key the schema does not have.</summary>
    public static bool TryGet(short key, out ApiInfo info) => ByKey.TryGetValue(key, out info);

    /// <summary>The API of a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The schema has no such key.</exception>
    public static ApiInfo Get(short key) =>
        ByKey.TryGetValue(key, out var info) ? info : throw new ArgumentOutOfRangeException(nameof(key), key, "no such API key in the schema");

    /// <summary>Reads the body of a request whose key is known only at run time; false for an unknown key or malformed input.</summary>
    public static bool TryReadRequest(short key, ref WireReader reader, short version, [NotNullWhen(true)] out IKafkaMessage? message)
    {
        message = DispatchRequest(key, ref reader, version);
        return message is not null && !reader.Failed;
    }

    /// <summary>Reads the body of a response whose key is known only at run time; false for an unknown key or malformed input.</summary>
    public static bool TryReadResponse(short key, ref WireReader reader, short version, [NotNullWhen(true)] out IKafkaMessage? message)
    {
        message = DispatchResponse(key, ref reader, version);
        return message is not null && !reader.Failed;
    }
}
