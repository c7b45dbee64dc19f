namespace Switchback.EndToEnd.Tests;

/// <summary>What the origin's manifests say of one cluster.</summary>
internal sealed record OriginCluster(string Name, string BootstrapServers, string ApiKey, string ApiSecret)
{
    /// <summary>Values that are filled in later, by the same placeholders as under <c>deploy/</c>.</summary>
    public static OriginCluster Placeholders(string name) =>
        new(name, $"{name.ToUpperInvariant()}_BOOTSTRAP_SERVERS", $"{name.ToUpperInvariant()}_API_KEY", $"{name.ToUpperInvariant()}_API_SECRET");
}

/// <summary>
/// Writes manifests of the shape that users of the origin have, in the folders of <c>deploy/</c>, so that a drill can be played on them:
/// nulls and empty objects where its generator left them, its images, its probes, no trust store, and TLS not verified by the proxy.
/// </summary>
internal static class OriginManifests
{
    /// <summary>Writes all files under <paramref name="directory"/>, which is created.</summary>
    public static void Write(string directory, params IReadOnlyList<OriginCluster> clusters)
    {
        // The origin has its users make these by hand.
        Save("proxy/00-namespace.yaml", Namespace("clients"));
        Save("no-proxy/00-namespace.yaml", Namespace("noproxy-clients"));
        Save("reloader/00-namespace.yaml", Namespace("reloader"));
        Save("reloader/20-reloader.yaml", Reloader);

        Save("proxy/10-java-cloud-producer.yaml",
            ProxyClient("java-cloud-producer", "ogomezso/java-cloud-producer:0.0.2", ProducerKeys("chuck-java-producer", "chuck-java-topic")),
            Service("java-cloud-producer", "clients"));
        Save("proxy/20-java-cloud-consumer.yaml",
            ProxyClient(
                "java-cloud-consumer",
                "ogomezso/java-cloud-consumer:0.0.1",
                ConsumerKeys("chuck-java-consumer", "chuck-java-cg", ".*chuck-java-topic")));
        Save("no-proxy/10-java-cloud-producer-noproxy.yaml",
            Deployment("java-cloud-producer-noproxy", "noproxy-clients", "ogomezso/java-cloud-producer:0.0.4", proxy: false),
            Access("noproxy-clients"),
            Service("java-cloud-producer-noproxy", "noproxy-clients"));
        Save("no-proxy/20-java-cloud-consumer-noproxy.yaml",
            Deployment("java-cloud-consumer-noproxy", "noproxy-clients", "ogomezso/java-cloud-consumer:0.0.1", proxy: false),
            Access("noproxy-clients"));

        foreach (var cluster in clusters)
        {
            Save($"proxy/values/{cluster.Name}.yaml", ProxyConfig(cluster));
            var producer = ProducerKeys("chuck-java-noproxy-producer", "chuck-java-np-topic");
            Save($"no-proxy/values/producer-{cluster.Name}.yaml", Config("java-cloud-producer-noproxy-config", "noproxy-clients", Direct(cluster, producer)));
            var consumer = ConsumerKeys("chuck-java-noproxy-consumer", "chuck-java-noproxy-cg", ".*chuck-java-np-topic");
            Save($"no-proxy/values/consumer-{cluster.Name}.yaml", Config("java-cloud-consumer-noproxy-config", "noproxy-clients", Direct(cluster, consumer)));
        }

        void Save(string file, params string[] documents)
        {
            var path = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Join("---\n", documents));
        }
    }

    private static string ProxyClient(string name, string image, string keys) => string.Join("---\n",
        Config($"{name}-config", "clients", $"bootstrap.servers=localhost:32400\n{keys}"), Deployment(name, "clients", image, proxy: true), Access("clients"));

    private static string ProducerKeys(string clientId, string topic) => $"""
        key.serializer=org.apache.kafka.common.serialization.StringSerializer
        value.serializer=org.apache.kafka.common.serialization.StringSerializer
        client.id={clientId}
        topic={topic}
        """;

    private static string ConsumerKeys(string clientId, string group, string pattern) => $"""
        key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
        value.deserializer=org.apache.kafka.common.serialization.StringDeserializer
        client.id={clientId}
        group.id={group}
        topic={pattern}
        """;

    private static string Direct(OriginCluster cluster, string keys) => $"""
        bootstrap.servers={cluster.BootstrapServers}
        {keys}
        ssl.endpoint.identification.algorithm=https
        security.protocol=SASL_SSL
        sasl.mechanism=PLAIN
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='{cluster.ApiKey}' password='{cluster.ApiSecret}';
        """;

    private static string Config(string name, string @namespace, string properties) => $"""
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {name}
          namespace: {@namespace}
          annotations:
            reloader.stakater.com/match: "true"
        data:
          config.properties: |
            {Indented(properties, 4)}

        """;

    private static string ProxyConfig(OriginCluster cluster) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: kafka-proxy-config
          namespace: clients
          annotations:
            reloader.stakater.com/match: "true"
        data:
          jaas.config: |
            KafkaServer {
              org.apache.kafka.common.security.plain.PlainLoginModule required
              username="{{cluster.ApiKey}}"
              password="{{cluster.ApiSecret}}"
             };
          bootstrap_servers: {{cluster.BootstrapServers}}

        """;

    private static string Deployment(string name, string @namespace, string image, bool proxy) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          annotations:
            configmap.reloader.stakater.com/reload: "{{name}}-config{{(proxy ? ",kafka-proxy-config" : "")}}"
          creationTimestamp: null
          labels:
            app: {{name}}
          name: {{name}}
          namespace: {{@namespace}}
        spec:
          replicas: 1
          selector:
            matchLabels:
              app: {{name}}
          strategy: {}
          template:
            metadata:
              creationTimestamp: null
              labels:
                app: {{name}}
            spec:
              containers:
              - name: {{name}}
                image: {{image}}
                args: ["/config/config.properties"]
                resources: {}
                volumeMounts:
                - name: {{name}}-config
                  mountPath: /config
        {{(proxy ? Sidecar : "")}}      volumes:
              - name: {{name}}-config
                configMap:
                  name: {{name}}-config
        {{(proxy ? ProxyVolume : "")}}status: {}

        """;

    private const string Sidecar = """
              - name: kafka-proxy
                image: grepplabs/kafka-proxy:latest
                args:
                - server
                - --log-format=json
                - --bootstrap-server-mapping=$(BOOTSTRAP_SERVERS),127.0.0.1:32400
                - --tls-enable
                - --tls-insecure-skip-verify
                - --sasl-enable
                - --sasl-jaas-config-file=/config/jaas.config
                env:
                - name: BOOTSTRAP_SERVERS
                  valueFrom:
                    configMapKeyRef:
                      name: kafka-proxy-config
                      key: bootstrap_servers
                ports:
                - name: metrics
                  containerPort: 9080
                livenessProbe:
                  httpGet:
                    path: /health
                    port: 9080
                  initialDelaySeconds: 5
                  periodSeconds: 3
                readinessProbe:
                  httpGet:
                    path: /health
                    port: 9080
                  initialDelaySeconds: 5
                  periodSeconds: 10
                  timeoutSeconds: 5
                  successThreshold: 2
                  failureThreshold: 5
                resources: {}
                volumeMounts:
                - name: kafka-proxy-config
                  mountPath: /config

        """;

    private const string ProxyVolume = """
              - name: kafka-proxy-config
                configMap:
                  name: kafka-proxy-config

        """;

    private static string Service(string name, string @namespace) => $$"""
        apiVersion: v1
        kind: Service
        metadata:
          creationTimestamp: null
          labels:
            app: {{name}}
          name: {{name}}
          namespace: {{@namespace}}
        spec:
          ports:
          - name: "8080"
            port: 8080
            protocol: TCP
            targetPort: 8080
          selector:
            app: {{name}}
          type: LoadBalancer
        status:
          loadBalancer: {}

        """;

    private static string Access(string @namespace) => $"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: namespace-reader
          namespace: {@namespace}
        rules:
        - apiGroups: [""]
          resources: ["configmaps", "pods", "services", "endpoints", "secrets"]
          verbs: ["get", "list", "watch"]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          name: namespace-reader
          namespace: {@namespace}
        subjects:
        - kind: ServiceAccount
          name: default
          namespace: {@namespace}
        roleRef:
          kind: Role
          name: namespace-reader
          apiGroup: ""

        """;

    private static string Namespace(string name) => $"""
        apiVersion: v1
        kind: Namespace
        metadata:
          name: {name}

        """;

    // What the known controller's chart installs, reduced to what it needs.
    private const string Reloader = """
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: reloader-reloader
          namespace: reloader
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: reloader-reloader-role
        rules:
        - apiGroups: [""]
          resources: ["secrets", "configmaps"]
          verbs: ["list", "get", "watch"]
        - apiGroups: ["apps"]
          resources: ["deployments", "daemonsets", "statefulsets"]
          verbs: ["list", "get", "update", "patch"]
        - apiGroups: ["batch"]
          resources: ["cronjobs"]
          verbs: ["list", "get"]
        - apiGroups: ["batch"]
          resources: ["jobs"]
          verbs: ["create", "delete", "list", "get"]
        - apiGroups: [""]
          resources: ["events"]
          verbs: ["create", "patch"]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: reloader-reloader-role-binding
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: reloader-reloader-role
        subjects:
        - kind: ServiceAccount
          name: reloader-reloader
          namespace: reloader
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: reloader-reloader
          namespace: reloader
          labels:
            app: reloader-reloader
        spec:
          replicas: 1
          revisionHistoryLimit: 2
          selector:
            matchLabels:
              app: reloader-reloader
          template:
            metadata:
              labels:
                app: reloader-reloader
            spec:
              serviceAccountName: reloader-reloader
              containers:
              - name: reloader-reloader
                image: ghcr.io/stakater/reloader:v1.4.21
                imagePullPolicy: IfNotPresent
                args:
                - --log-level=info
                ports:
                - name: http
                  containerPort: 9090
                livenessProbe:
                  httpGet:
                    path: /live
                    port: http
                  timeoutSeconds: 5
                  failureThreshold: 5
                  periodSeconds: 10
                readinessProbe:
                  httpGet:
                    path: /metrics
                    port: http
                  timeoutSeconds: 5
                  failureThreshold: 5
                  periodSeconds: 10

        """;

    private static string Indented(string text, int spaces) => text.Replace("\n", "\n" + new string(' ', spaces), StringComparison.Ordinal);
}
