using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Lifecycle;

/// <summary>What every namespace holds from its beginning: the service account <c>default</c> and the API server's certificate authority.</summary>
internal sealed class NamespaceContents(ObjectStore store, string authorityPem)
{
    public const string AuthorityConfigMap = "kube-root-ca.crt";

    /// <summary>Makes what is missing.</summary>
    public void Ensure(string ns)
    {
        try
        {
            EnsureObject(ResourceTypes.ServiceAccount, ns, "default", _ => { });
            EnsureObject(ResourceTypes.ConfigMap, ns, AuthorityConfigMap, map => map["data"] = new JsonObject { ["ca.crt"] = authorityPem });
        }
        catch (StatusException gone) when (gone.Code is 403 or 404)
        {
            // The namespace is ending, or ended meanwhile.
        }
    }

    private void EnsureObject(ResourceType type, string ns, string name, Action<JsonObject> fill)
    {
        if (store.Find(type, ns, name) is not null)
        {
            return;
        }

        var item = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns } };
        fill(item);
        try
        {
            store.Create(type, item);
        }
        catch (StatusException exists) when (exists.Reason == "AlreadyExists")
        {
            // Made at the same moment by the other who cares for it.
        }
    }
}
