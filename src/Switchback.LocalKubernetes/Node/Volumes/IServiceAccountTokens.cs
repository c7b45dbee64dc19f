using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Node.Volumes;

/// <summary>Issues the tokens by which a pod's programs speak to the API server: the node's side of the API's authentication.</summary>
internal interface IServiceAccountTokens
{
    /// <summary>A token for the pod's service account; the same again where one issued before is still good for most of its time.</summary>
    /// <param name="pod">The pod, to which the token is bound.</param>
    /// <param name="audience">Null for the API server itself.</param>
    /// <param name="expirationSeconds">How long it is to be good.</param>
    string Issue(JsonObject pod, string? audience, long expirationSeconds);
}
