using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>One reason why an object was refused, naming the field.</summary>
/// <param name="Reason">For example <c>FieldValueRequired</c>.</param>
/// <param name="Message">The sentence without the field's path.</param>
/// <param name="Field">The field's path, for example <c>spec.template.spec.containers[0].name</c>.</param>
internal sealed record StatusCause(string Reason, string Message, string Field);

/// <summary>An answer that is not the wished one, as the API words it: becomes a <c>Status</c> object on the wire.</summary>
internal sealed class StatusException(int code, string reason, string message) : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    /// <summary>Group of the kind it is about, when there is one.</summary>
    public ResourceType? Type { get; init; }

    public string? ObjectName { get; init; }

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>How long a client should wait before it tries again; 0 for no advice.</summary>
    public int RetryAfterSeconds { get; init; }

    public static StatusException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found") { Type = type, ObjectName = name };

    public static StatusException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists") { Type = type, ObjectName = name };

    public static StatusException Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedName} \"{name}\": {why}") { Type = type, ObjectName = name };

    public static StatusException Stale(ResourceType type, string name) =>
        Conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static StatusException BadRequest(string message) => new(400, "BadRequest", message);

    public static StatusException Expired(string message) => new(410, "Expired", message);

    public static StatusException Internal(string message) => new(500, "InternalError", "Internal error occurred: " + message);

    public static StatusException Forbidden(ResourceType type, string name, string why) =>
        new(403, "Forbidden", $"{type.QualifiedName} \"{name}\" is forbidden: {why}") { Type = type, ObjectName = name };

    /// <summary>The object does not hold to its schema's rules: 422 with one cause for each field.</summary>
    public static StatusException Invalid(ResourceType type, string name, IReadOnlyList<StatusCause> causes)
    {
        var sentences = causes.Select(cause => $"{cause.Field}: {cause.Message}").ToList();
        var all = sentences.Count == 1 ? sentences[0] : "[" + string.Join(", ", sentences) + "]";
        var kind = type.Group.Length == 0 ? type.Kind : type.Kind + "." + type.Group;
        return new StatusException(422, "Invalid", $"{kind} \"{name}\" is invalid: {all}") { Type = type, ObjectName = name, Causes = causes };
    }

    /// <summary>The <c>Status</c> object of the wire.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        var details = new JsonObject();
        if (ObjectName is not null)
        {
            details["name"] = ObjectName;
        }

        if (Type is not null)
        {
            if (Type.Group.Length > 0)
            {
                details["group"] = Type.Group;
            }

            // Real servers name the kind in a validation failure and the resource everywhere else.
            details["kind"] = Reason == "Invalid" ? Type.Kind : Type.Plural;
        }

        if (Causes.Count > 0)
        {
            details["causes"] = new JsonArray([.. Causes.Select(cause => new JsonObject
            {
                ["reason"] = cause.Reason,
                ["message"] = cause.Message,
                ["field"] = cause.Field,
            })]);
        }

        if (RetryAfterSeconds > 0)
        {
            details["retryAfterSeconds"] = RetryAfterSeconds;
        }

        if (details.Count > 0)
        {
            status["details"] = details;
        }

        status["code"] = Code;
        return status;
    }
}
