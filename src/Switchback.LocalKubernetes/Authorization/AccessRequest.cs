namespace Switchback.LocalKubernetes.Authorization;

/// <summary>What somebody wants to do.</summary>
/// <param name="Verb">For example <c>list</c>.</param>
/// <param name="Group">API group.</param>
/// <param name="Resource">With the subresource: <c>pods/log</c>.</param>
/// <param name="Namespace">Empty for all namespaces or none.</param>
/// <param name="Name">Empty for a collection.</param>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string Namespace, string Name)
{
    /// <summary>A path that names no objects; null otherwise.</summary>
    public string? Path { get; init; }
}
