using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>A Deployment's conditions.</summary>
internal static class DeploymentConditions
{
    public static JsonObject? Find(JsonObject status, string type) => status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);

    /// <summary>Sets a condition. The transition time changes with the status, the update time with status or reason, or when it is renewed.</summary>
    public static void Set(JsonObject status, string type, string value, string reason, string message, bool renew = false)
    {
        var now = DateTimeOffset.UtcNow.ToTimestamp();
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var condition = Find(status, type);
        if (condition is null)
        {
            conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        }

        if (renew || condition.Text("status") != value || condition.Text("reason") != reason || condition.Text("message") != message)
        {
            condition["lastUpdateTime"] = now;
        }

        if (condition.Text("status") != value)
        {
            condition["lastTransitionTime"] = now;
        }

        condition["status"] = value;
        condition["reason"] = reason;
        condition["message"] = message;
    }

    public static void Remove(JsonObject status, string type)
    {
        if (Find(status, type) is { } condition)
        {
            (status["conditions"] as JsonArray)?.Remove(condition);
        }
    }
}
