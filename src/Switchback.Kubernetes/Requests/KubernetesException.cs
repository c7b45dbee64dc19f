using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>The API server answered with an error: its Status, and the request that met it.</summary>
public sealed class KubernetesException : Exception
{
    /// <summary>An error with the server's own words.</summary>
    public KubernetesException(int code, string reason, string message, JsonObject? status = null)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Status = status;
    }

    /// <summary>HTTP status code, for example 404, 409, 410, 422.</summary>
    public int Code { get; }

    /// <summary>Machine-readable reason, for example <c>NotFound</c>, <c>Conflict</c>, <c>Expired</c>; empty when the server gave none.</summary>
    public string Reason { get; }

    /// <summary>The Status object as it came, or null when the answer was not one.</summary>
    public JsonObject? Status { get; }

    /// <summary>The object is not there.</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>Someone else changed the object, or it exists already.</summary>
    public bool IsConflict => Code == 409;

    /// <summary>The resourceVersion or continue token is too old: list again.</summary>
    public bool IsGone => Code == 410;

    /// <summary>Whether the same request may work later: too many requests, a server error or a timeout.</summary>
    public bool IsTransient => Code is 429 or 408 or >= 500;

    internal static KubernetesException FromStatus(JsonObject status, int code) => new(
        (int)(status.Number("code") ?? code),
        status.Text("reason") ?? "",
        status.Text("message") ?? $"the API server answered {code}",
        status);
}
