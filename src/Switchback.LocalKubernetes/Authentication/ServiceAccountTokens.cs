using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Authentication;

/// <param name="Token">The token itself.</param>
/// <param name="Expires">When it stops to be taken.</param>
internal sealed record IssuedToken(string Token, DateTimeOffset Expires);

/// <summary>
/// Signs and checks the tokens of service accounts: JSON Web Tokens (RFC 7519) with ES256, bound to the account and, where asked, to one pod: when that is gone, the
/// token is worth nothing.
/// </summary>
internal sealed class ServiceAccountTokens(ECDsa key, ObjectStore store, TimeProvider clock)
{
    /// <summary>Issuer and audience of the tokens.</summary>
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private const int LongestToken = 8 << 10;
    private static readonly string Header = Encode(Encoding.UTF8.GetBytes("""{"alg":"ES256","typ":"JWT"}"""));

    /// <summary>Issues a token.</summary>
    /// <param name="ns">Namespace of the account.</param>
    /// <param name="account">Name of the account.</param>
    /// <param name="lifetime">At least ten minutes are given.</param>
    /// <param name="podName">The pod it is bound to; null for none.</param>
    /// <param name="podUid">That pod's uid.</param>
    /// <param name="audiences">For whom it is; empty for the API server.</param>
    /// <exception cref="StatusException">404 when there is no such account.</exception>
    public IssuedToken Issue(string ns, string account, TimeSpan lifetime, string? podName = null, string? podUid = null, IReadOnlyList<string>? audiences = null)
    {
        var owner = store.Get(ResourceTypes.ServiceAccount, ns, account);
        var now = clock.GetUtcNow();
        var expires = now + (lifetime < TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(10) : lifetime);
        var bound = new JsonObject { ["namespace"] = ns, ["serviceaccount"] = new JsonObject { ["name"] = account, ["uid"] = owner.Uid() } };
        if (podName is not null)
        {
            bound["pod"] = new JsonObject { ["name"] = podName, ["uid"] = podUid };
        }

        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. (audiences is { Count: > 0 } ? audiences : [Issuer]).Select(audience => (JsonNode)audience)]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"{ApiUser.ServiceAccountPrefix}{ns}:{account}",
        };
        var signed = Header + "." + Encode(StoredObject.ToJson(claims));
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return new IssuedToken(signed + "." + Encode(signature), expires);
    }

    /// <summary>The account of a token that is ours, valid and still bound to something that exists; null for any other.</summary>
    public ApiUser? Check(string token)
    {
        if (token.Length > LongestToken || token.Split('.') is not [var header, var payload, var signature] || header != Header)
        {
            return null;
        }

        try
        {
            return key.VerifyData(Encoding.ASCII.GetBytes(header + "." + payload), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256) &&
                JsonNode.Parse(Base64Url.DecodeFromChars(payload)) is JsonObject claims
                ? CheckClaims(claims)
                : null;
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private ApiUser? CheckClaims(JsonObject claims)
    {
        var ns = claims.Text("kubernetes.io", "namespace") ?? "";
        var name = claims.Text("kubernetes.io", "serviceaccount", "name") ?? "";
        if (claims.Number("exp") <= clock.GetUtcNow().ToUnixTimeSeconds() ||
            claims.At("aud") is not JsonArray audiences || !audiences.Any(audience => audience?.GetValue<string>() == Issuer) ||
            store.Find(ResourceTypes.ServiceAccount, ns, name)?.Uid() != claims.Text("kubernetes.io", "serviceaccount", "uid"))
        {
            return null;
        }

        var pod = claims.Object("kubernetes.io", "pod");
        return pod is null || store.Find(ResourceTypes.Pod, ns, pod.Text("name") ?? "")?.Uid() == pod.Text("uid") ? ApiUser.ServiceAccount(ns, name) : null;
    }
}
