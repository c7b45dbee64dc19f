using System.Collections.Frozen;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// Caps what a broker says it can do to what the proxy can follow: an API or version that is not in the schema might carry an address nobody rewrites.
/// Features are capped together with the versions they need.
/// </summary>
internal static class VersionCaps
{
    /// <summary>The highest level of the features whose protocol is in the schema; any other feature is passed as it is.</summary>
    private static readonly FrozenDictionary<string, short> HighestLevels = new Dictionary<string, short>
    {
        ["group.version"] = 1,
        ["share.version"] = 1,
        ["streams.version"] = 1,
        ["transaction.version"] = 2,
    }.ToFrozenDictionary();

    public static void Apply(ApiVersionsResponse response)
    {
        response.ApiKeys.RemoveAll(api => !Cap(api));
        response.SupportedFeatures.RemoveAll(feature =>
        {
            if (HighestLevels.TryGetValue(feature.Name, out var highest))
            {
                feature.MaxVersion = Math.Min(feature.MaxVersion, highest);
            }

            return feature.MaxVersion < feature.MinVersion;
        });
        response.FinalizedFeatures.RemoveAll(feature =>
        {
            if (HighestLevels.TryGetValue(feature.Name, out var highest))
            {
                feature.MaxVersionLevel = Math.Min(feature.MaxVersionLevel, highest);
            }

            return feature.MaxVersionLevel < feature.MinVersionLevel;
        });
    }

    private static bool Cap(ApiVersionsResponse.ApiVersion api)
    {
        if (!ApiTable.TryGet(api.ApiKey, out var known))
        {
            return false;
        }

        api.MaxVersion = Math.Min(api.MaxVersion, known.HighestVersion);
        return api.MaxVersion >= api.MinVersion;
    }
}
