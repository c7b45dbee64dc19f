using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Api.Discovery;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Api.Resources;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Authorization;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api;

/// <summary>
/// One request from its token to its answer: 1. who asks, 2. for what, 3. may they, 4. the endpoint; whatever fails on the way becomes a Status object.
/// </summary>
internal sealed class ApiHandler(Authenticator authenticator, RbacAuthorizer authorizer, ResourceEndpoints resources, ILogger logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        ApiUser? user = null;
        try
        {
            if (path is "/healthz" or "/livez" or "/readyz")
            {
                await ApiResponse.WriteTextAsync(http, "ok");
                return;
            }

            user = authenticator.Authenticate(http) ?? throw new StatusException(401, "Unauthorized", "Unauthorized");
            user = Impersonation.Resolve(http, user);
            if (ApiPath.Parse(path) is { } target)
            {
                await ServeObjectsAsync(http, target, user);
            }
            else
            {
                Authorize(user, new AccessRequest(http.Request.Method == "GET" ? "get" : http.Request.Method.ToLowerInvariant(), "", "", "", "") { Path = path });
                if (!await DiscoveryEndpoints.TryServeAsync(http, path))
                {
                    throw new StatusException(404, "NotFound", "the server could not find the requested resource");
                }
            }
        }
        catch (StatusException failure)
        {
            await ApiResponse.FailAsync(http, failure);
        }
        catch (BadHttpRequestException failure)
        {
            await ApiResponse.FailAsync(http, StatusException.BadRequest(failure.Message));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, or the server ends: nobody reads an answer.
        }
        catch (Exception failure)
        {
            ApiLog.RequestFailed(logger, http.Request.Method, path, failure);
            await ApiResponse.FailAsync(http, StatusException.Internal(failure.Message));
        }

        ApiLog.Answered(logger, http.Request.Method, path, http.Request.QueryString.Value ?? "", user?.Name ?? "", http.Response.StatusCode);
    }

    private static string VerbOf(HttpContext http, ApiPath target)
    {
        var watching = http.Request.Query["watch"] is ["1" or "true", ..];
        return http.Request.Method switch
        {
            "GET" or "HEAD" => (target.Name, watching) switch
            {
                (not null, _) => "get",
                (_, true) => "watch",
                _ => "list",
            },
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => target.Name is null ? "deletecollection" : "delete",
            var method => throw new StatusException(405, "MethodNotAllowed", $"the server does not allow {method} on the requested resource"),
        };
    }

    private Task ServeObjectsAsync(HttpContext http, ApiPath target, ApiUser user)
    {
        var request = new ApiRequest(http, target, VerbOf(http, target), user);
        var resource = target.Subresource is null ? target.Type.Plural : $"{target.Type.Plural}/{target.Subresource}";

        // A namespace is in itself, for those who may act in it.
        var ns = target.Type == ResourceTypes.Namespace ? request.Name : request.Namespace;
        Authorize(user, new AccessRequest(request.Verb, target.Type.Group, resource, ns, request.Name));
        return resources.ServeAsync(request);
    }

    private void Authorize(ApiUser user, AccessRequest request)
    {
        if (authorizer.Allows(user, request))
        {
            return;
        }

        if (request.Path is { } path)
        {
            throw new StatusException(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {request.Verb} path \"{path}\"");
        }

        var type = ResourceTypes.All.First(type => type.Group == request.Group && type.Plural == request.Resource.Split('/')[0]);
        var where = !type.Namespaced || request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        var what = type.Group.Length == 0 ? request.Resource.Split('/')[0] : type.QualifiedName;
        var which = request.Name.Length == 0 ? what : $"{what} \"{request.Name}\"";
        throw new StatusException(
            403,
            "Forbidden",
            $"{which} is forbidden: User \"{user.Name}\" cannot {request.Verb} resource \"{request.Resource}\" in API group \"{request.Group}\" {where}")
        {
            Type = type,
            ObjectName = request.Name.Length == 0 ? null : request.Name,
        };
    }
}
