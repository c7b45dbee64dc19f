using System.Diagnostics.CodeAnalysis;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka;

/// <summary>Every API in the schema, by key.</summary>
public static partial class ApiTable
{
    private static readonly ApiInfo[] Ordered = Rows();

    // Keys are small and dense; a row that is not there has no name.
    private static readonly ApiInfo[] ByKey = IndexByKey();

    /// <summary>All APIs, in the order of their keys.</summary>
    public static IReadOnlyList<ApiInfo> All => Ordered;

    /// <summary>The API of a key; false for a key the schema does not have.</summary>
    public static bool TryGet(short key, out ApiInfo info)
    {
        info = (uint)key < (uint)ByKey.Length ? ByKey[key] : default;
        return info.Name is not null;
    }

    /// <summary>The API of a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The schema has no such key.</exception>
    public static ApiInfo Get(short key) =>
        TryGet(key, out var info) ? info : throw new ArgumentOutOfRangeException(nameof(key), key, "no such API key in the schema");

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

    private static ApiInfo[] IndexByKey()
    {
        var index = new ApiInfo[Ordered[^1].Key + 1];
        foreach (var row in Ordered)
            index[row.Key] = row;
        return index;
    }
}
