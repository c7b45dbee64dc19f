using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>Manifests for tests.</summary>
internal static class Given
{
    public const string Namespace = "shop";

    /// <summary>An image that every cluster of the tests has; its entry point is a shell that takes one argument.</summary>
    public const string Image = "sh:1";

    public static JsonObject ConfigMap(string name, string value, string? annotations = null) => Manifest($$"""
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{name}}", "namespace": "{{Namespace}}", "annotations": {{annotations ?? "{}"}} },
         "data": {"key": "{{value}}"} }
        """);

    public static JsonObject Secret(string name, string value) => Manifest($$"""
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "{{name}}", "namespace": "{{Namespace}}"},
         "data": {"key": "{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value))}}"} }
        """);

    /// <summary>A Deployment (or another kind) whose container <c>app</c> takes everything of the named ConfigMap <c>config</c>.</summary>
    public static JsonObject Workload(string name, string annotations, string kind = "Deployment", string config = "config") => Manifest($$"""
        {"apiVersion": "apps/v1", "kind": "{{kind}}", "metadata": {"name": "{{name}}", "namespace": "{{Namespace}}", "annotations": {{annotations}} },
         "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "{{name}}"} },
                  "template": {"metadata": {"labels": {"app": "{{name}}"} },
                               "spec": {"containers": [{"name": "app", "image": "app", "envFrom": [{"configMapRef": {"name": "{{config}}"} }]}]} } } }
        """);

    public static string Named(string configMaps, string secrets = "none") =>
        $$"""{"configmap.reloader.stakater.com/reload": "{{configMaps}}", "secret.reloader.stakater.com/reload": "{{secrets}}"}""";

    public static JsonObject Manifest(string json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>The value of a variable in the first container of a workload, or null.</summary>
    public static string? Variable(this JsonObject workload, string name) => workload.Items("spec", "template", "spec", "containers")
        .First().Items("env").FirstOrDefault(variable => variable.Text("name") == name)?.Text("value");
}
