using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Requests;

/// <summary>What a path below <c>/api/v1</c> or <c>/apis/GROUP/VERSION</c> names.</summary>
/// <param name="Type">The type.</param>
/// <param name="Namespace">Null when the path names none: all namespaces, or a type outside of them.</param>
/// <param name="Name">Null for the collection.</param>
/// <param name="Subresource">For example <c>status</c>; null for the object itself.</param>
internal sealed record ApiPath(ResourceType Type, string? Namespace, string? Name, string? Subresource)
{
    /// <summary>Reads a path; null when it names nothing that is served.</summary>
    public static ApiPath? Parse(string path)
    {
        var parts = path.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["api", "v1", .. var rest] => ParseResource("", "v1", rest),
            ["apis", var group, var version, .. var rest] => ParseResource(group, version, rest),
            _ => null,
        };
    }

    private static ApiPath? ParseResource(string group, string version, string[] rest) => rest switch
    {
        ["namespaces", var ns, var plural, .. var more] when ResourceTypes.ForPath(group, version, plural) is { Namespaced: true } type => Below(type, ns, more),
        [var plural, .. var more] when ResourceTypes.ForPath(group, version, plural) is { } type && (!type.Namespaced || more.Length == 0) => Below(type, null, more),
        _ => null,
    };

    private static ApiPath? Below(ResourceType type, string? ns, string[] more) => more switch
    {
        [] => new ApiPath(type, ns, null, null),
        [var name] => new ApiPath(type, ns, name, null),
        [var name, var subresource] => new ApiPath(type, ns, name, subresource),
        _ => null,
    };
}
