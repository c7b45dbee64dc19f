using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Node.Volumes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Authentication;

/// <summary>The tokens in pods' volumes: kept while they are good for most of their time, so that a volume's files change only when they must.</summary>
internal sealed class PodTokens(ServiceAccountTokens tokens, TimeProvider clock) : IServiceAccountTokens
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Pod, string Audience), (IssuedToken Token, DateTimeOffset RenewAt)> issued = [];

    public string Issue(JsonObject pod, string? audience, long expirationSeconds)
    {
        var key = (pod.Uid(), audience ?? "");
        var now = clock.GetUtcNow();
        lock (gate)
        {
            if (issued.TryGetValue(key, out var known) && now < known.RenewAt)
            {
                return known.Token.Token;
            }

            var account = pod.Text("spec", "serviceAccountName") is { Length: > 0 } named ? named : "default";
            var fresh = tokens.Issue(
                pod.Namespace(), account, TimeSpan.FromSeconds(expirationSeconds), pod.Name(), pod.Uid(), audience is null ? [] : [audience]);
            foreach (var old in issued.Where(entry => entry.Value.Token.Expires < now).Select(entry => entry.Key).ToList())
            {
                issued.Remove(old);
            }

            issued[key] = (fresh, now + ((fresh.Expires - now) * 0.8));
            return fresh.Token;
        }
    }
}
