namespace Switchback.LocalKubernetes.Tests.Api;

internal static class Manifests
{
    /// <summary>A Deployment as the scenario's users write them.</summary>
    public static string Deployment(string name, string image = "nobody/has:1", int replicas = 0) => $$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment",
          "metadata": { "name": "{{name}}", "creationTimestamp": null, "labels": { "app": "{{name}}" } },
          "spec": {
            "replicas": {{replicas}},
            "selector": { "matchLabels": { "app": "{{name}}" } },
            "strategy": {},
            "template": {
              "metadata": { "creationTimestamp": null, "labels": { "app": "{{name}}" } },
              "spec": { "containers": [
                { "name": "app", "image": "{{image}}", "resources": {}, "env": [ { "name": "A", "value": "1" }, { "name": "B", "value": "2" } ] },
                { "name": "sidecar", "image": "other", "ports": [ { "containerPort": 9080, "name": "metrics" } ] }
              ] }
            }
          },
          "status": {}
        }
        """;

    public static string ConfigMap(string name, string value) => $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{{name}}}"},"data":{"key":"{{{value}}}"}}""";
}
