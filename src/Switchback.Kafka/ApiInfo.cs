namespace Switchback.Kafka;

/// <summary>One API of the protocol: the versions this code reads and writes.</summary>
/// <param name="Key">The API key.</param>
/// <param name="Name">The name, such as <c>Fetch</c>.</param>
/// <param name="LowestVersion">Lowest version, inclusive.</param>
/// <param name="HighestVersion">Highest version, inclusive.</param>
/// <param name="FirstFlexibleVersion">First version with compact lengths and tagged fields (KIP-482); <see cref="short.MaxValue"/> if none.</param>
public readonly record struct ApiInfo(short Key, string Name, short LowestVersion, short HighestVersion, short FirstFlexibleVersion)
{
    private const short ApiVersionsKey = 18;

    /// <summary>Whether the version is one this code reads and writes.</summary>
    public bool Supports(short version) => version >= LowestVersion && version <= HighestVersion;

    /// <summary>The version of the request header that goes with a request of this version: 2 when flexible, else 1.</summary>
    public short RequestHeaderVersion(short version) => (short)(version >= FirstFlexibleVersion ? 2 : 1);

    /// <summary>
    /// The version of the response header: 1 when flexible, else 0. An ApiVersions response always has header 0, because the client that
    /// asks does not know yet what the broker speaks (KIP-511).
    /// </summary>
    public short ResponseHeaderVersion(short version) => (short)(version >= FirstFlexibleVersion && Key != ApiVersionsKey ? 1 : 0);
}
