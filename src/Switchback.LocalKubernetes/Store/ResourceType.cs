namespace Switchback.LocalKubernetes.Store;

/// <summary>One kind of object the API serves, as discovery describes it.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version within the group, for example <c>v1</c>.</param>
/// <param name="Kind">Kind as written in manifests.</param>
/// <param name="Plural">Name in paths, for example <c>deployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
internal sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string Singular => Kind.ToLowerInvariant();

    public string ListKind => Kind + "List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Served below an object's path: <c>status</c>, <c>scale</c>, <c>log</c>, <c>token</c>, <c>finalize</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Whether <c>metadata.generation</c> counts the changes of the object's specification.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>Whether a client's change of the annotations counts as one of the specification, as it does for Deployments and no other kind.</summary>
    public bool CountsAnnotations { get; init; }

    /// <summary>Only ever created, answered and forgotten (access reviews).</summary>
    public bool CreateOnly { get; init; }

    /// <summary>Deleted gracefully: kept, with a deletion timestamp, until its node confirms the end.</summary>
    public bool DeletedGracefully { get; init; }

    /// <summary>Stored, patched and shown, and that is all: no controller acts on its objects.</summary>
    public bool KeptOnly { get; init; }

    public bool HasStatus => Subresources.Contains("status");

    /// <summary>The value of <c>apiVersion</c> in its objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The name used in messages: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : Plural + "." + Group;

    public override string ToString() => QualifiedName;
}
