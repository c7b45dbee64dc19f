using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Switchback.LocalKubernetes.Authentication;

/// <summary>Tells who asks, by the bearer token: the kubeconfig's, or a service account's.</summary>
internal sealed class Authenticator(string adminToken, ServiceAccountTokens tokens)
{
    private readonly byte[] admin = Encoding.UTF8.GetBytes(adminToken);

    /// <summary>Null when the request carries no token that is ours.</summary>
    public ApiUser? Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = header["Bearer ".Length..].Trim();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), admin) ? ApiUser.Admin : tokens.Check(token);
    }
}
