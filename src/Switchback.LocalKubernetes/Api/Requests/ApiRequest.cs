using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Responses;
using Switchback.LocalKubernetes.Authentication;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Requests;

/// <summary>One authorised request for objects.</summary>
internal sealed record ApiRequest(HttpContext Http, ApiPath Path, string Verb, ApiUser User)
{
    public ResourceType Type => Path.Type;

    /// <summary>The namespace of one object; empty for types outside of namespaces.</summary>
    public string Namespace => Path.Namespace ?? "";

    public string Name => Path.Name ?? "";

    public CancellationToken Cancellation => Http.RequestAborted;

    public bool DryRun => Query("dryRun") is { } value && (value == "All" ? true : throw StatusException.BadRequest($"dryRun: Unsupported value: \"{value}\": supported values: \"All\""));

    public ResponseShape Shape => ResponseShape.FromAccept(Http.Request.Headers.Accept.ToString(), Query("includeObject"));

    public LabelSelector Labels => LabelSelector.Parse(Query("labelSelector"));

    public FieldSelector Fields => FieldSelector.Parse(Type, Query("fieldSelector"));

    public string? Query(string name) => Http.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    public bool Asks(string name) => Query(name) is { } value && value is "true" or "1" or "True";

    /// <exception cref="StatusException">400 for anything but a number.</exception>
    public long? Number(string name)
    {
        if (Query(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, out var number) ? number : throw StatusException.BadRequest($"{name}: \"{text}\" is not a number");
    }
}
