using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>Completes and checks an object before it is stored, whoever writes it: a client or one of the platform's own controllers.</summary>
internal interface IAdmission
{
    /// <summary>Sets defaults in <paramref name="item"/>, which it may change, and refuses what does not hold to the kind's rules.</summary>
    /// <param name="store">For looking up others; the caller holds its lock.</param>
    /// <param name="type">The object's type.</param>
    /// <param name="item">The object as it is going to be stored.</param>
    /// <param name="previous">The state it replaces; null at creation.</param>
    /// <exception cref="StatusException">The object is refused.</exception>
    void Admit(ObjectStore store, ResourceType type, JsonObject item, JsonObject? previous);
}
