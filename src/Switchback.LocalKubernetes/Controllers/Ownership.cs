using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers;

/// <summary>Owner references between a controller's object and what it makes.</summary>
internal static class Ownership
{
    public static JsonObject Reference(ResourceType type, JsonObject owner) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>
    /// The objects of a type that the owner controls. One without a controller that its selector matches is adopted first, as real controllers do.
    /// </summary>
    public static List<JsonObject> Dependents(ObjectStore store, ResourceType type, ResourceType ownerType, JsonObject owner)
    {
        var found = store.ControlledBy(type, owner.Uid()).ToList();
        if (owner.IsBeingDeleted())
        {
            return found;
        }

        var selector = LabelSelector.FromObject(owner.Object("spec", "selector"));
        foreach (var item in store.Uncontrolled(type, owner.Namespace()))
        {
            if (!item.IsBeingDeleted() && selector.Matches(item) && Adopt(store, type, ownerType, owner, item) is { } adopted)
            {
                found.Add(adopted);
            }
        }

        return found;
    }

    private static JsonObject? Adopt(ObjectStore store, ResourceType type, ResourceType ownerType, JsonObject owner, JsonObject item) =>
        store.Mutate(type, item.Namespace(), item.Name(), copy =>
        {
            if (copy.Uid() != item.Uid() || copy.Controller() is not null)
            {
                return false;
            }

            var metadata = copy.Ensure("metadata");
            if (metadata["ownerReferences"] is not JsonArray references)
            {
                metadata["ownerReferences"] = references = [];
            }

            references.Add((JsonNode)Reference(ownerType, owner));
            return true;
        });
}
