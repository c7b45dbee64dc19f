using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Authentication;

/// <summary>The administrator may ask as somebody else (<c>kubectl --as</c>): the way to try out a Role.</summary>
internal static class Impersonation
{
    /// <exception cref="StatusException">403 for anybody but an administrator.</exception>
    public static ApiUser Resolve(HttpContext http, ApiUser user)
    {
        var name = http.Request.Headers["Impersonate-User"].ToString();
        if (name.Length == 0)
        {
            return user;
        }

        if (!user.Groups.Contains(ApiUser.Masters))
        {
            throw new StatusException(403, "Forbidden", $"users \"{name}\" is forbidden: User \"{user.Name}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
        }

        string[] groups = [.. http.Request.Headers["Impersonate-Group"].OfType<string>()];
        var account = name.StartsWith(ApiUser.ServiceAccountPrefix, StringComparison.Ordinal) ? name[ApiUser.ServiceAccountPrefix.Length..].Split(':') : [];
        return account is [var ns, var serviceAccount] && groups.Length == 0
            ? ApiUser.ServiceAccount(ns, serviceAccount)
            : new ApiUser(name, [.. groups, "system:authenticated"]);
    }
}
