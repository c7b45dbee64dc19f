using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>What a <see cref="Reflector"/> hands out.</summary>
public abstract record Observed
{
    private Observed()
    {
    }

    /// <summary>An object that is there: found by a list, created or changed.</summary>
    /// <param name="Object">Its state.</param>
    /// <param name="Listed">It came with a list: whether and when it changed is not known.</param>
    public sealed record Changed(JsonObject Object, bool Listed) : Observed;

    /// <summary>An object that is there no more.</summary>
    public sealed record Removed(string Namespace, string Name) : Observed;

    /// <summary>A list is complete: everything there has been handed out.</summary>
    public sealed record Synchronized : Observed;

    /// <summary>The API server failed; it is tried again after the pause.</summary>
    public sealed record Failed(Exception Failure, TimeSpan Pause) : Observed;
}
