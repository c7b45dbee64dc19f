namespace Switchback.LocalKubernetes.Store;

/// <summary>Every kind the embedded platform serves. What is not here is answered with 404, as a server without the kind does.</summary>
internal static class ResourceTypes
{
    private const string Rbac = "rbac.authorization.k8s.io";

    public static ResourceType Namespace { get; } = new("", "v1", "Namespace", "namespaces", false) { ShortNames = ["ns"], Subresources = ["status", "finalize"] };

    public static ResourceType Node { get; } = new("", "v1", "Node", "nodes", false) { ShortNames = ["no"], Subresources = ["status"] };

    public static ResourceType Pod { get; } = new("", "v1", "Pod", "pods", true)
    {
        ShortNames = ["po"],
        Categories = ["all"],
        Subresources = ["status", "log"],
        DeletedGracefully = true,
    };

    public static ResourceType ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", true) { ShortNames = ["cm"] };

    public static ResourceType Secret { get; } = new("", "v1", "Secret", "secrets", true);

    public static ResourceType Service { get; } = new("", "v1", "Service", "services", true)
    {
        ShortNames = ["svc"],
        Categories = ["all"],
        Subresources = ["status"],
    };

    public static ResourceType Endpoints { get; } = new("", "v1", "Endpoints", "endpoints", true) { ShortNames = ["ep"] };

    public static ResourceType Event { get; } = new("", "v1", "Event", "events", true) { ShortNames = ["ev"] };

    public static ResourceType ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts", true)
    {
        ShortNames = ["sa"],
        Subresources = ["token"],
    };

    public static ResourceType Deployment { get; } = Workload("Deployment", "deployments", "deploy", "scale") with { CountsAnnotations = true };

    public static ResourceType ReplicaSet { get; } = Workload("ReplicaSet", "replicasets", "rs", "scale");

    public static ResourceType StatefulSet { get; } = Workload("StatefulSet", "statefulsets", "sts", "scale") with { KeptOnly = true };

    public static ResourceType DaemonSet { get; } = Workload("DaemonSet", "daemonsets", "ds") with { KeptOnly = true };

    public static ResourceType Job { get; } = new("batch", "v1", "Job", "jobs", true)
    {
        KeptOnly = true,
        Categories = ["all"],
        Subresources = ["status"],
        CountsGenerations = true,
    };

    public static ResourceType CronJob { get; } = new("batch", "v1", "CronJob", "cronjobs", true)
    {
        KeptOnly = true,
        ShortNames = ["cj"],
        Categories = ["all"],
        Subresources = ["status"],
        CountsGenerations = true,
    };

    public static ResourceType Role { get; } = new(Rbac, "v1", "Role", "roles", true);

    public static ResourceType RoleBinding { get; } = new(Rbac, "v1", "RoleBinding", "rolebindings", true);

    public static ResourceType ClusterRole { get; } = new(Rbac, "v1", "ClusterRole", "clusterroles", false);

    public static ResourceType ClusterRoleBinding { get; } = new(Rbac, "v1", "ClusterRoleBinding", "clusterrolebindings", false);

    public static ResourceType Lease { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", true);

    public static ResourceType EndpointSlice { get; } = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true) { CountsGenerations = true };

    public static ResourceType SelfSubjectAccessReview { get; } =
        new("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false) { CreateOnly = true };

    /// <summary>In the order in which discovery lists them.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        ConfigMap, Endpoints, Event, Namespace, Node, Pod, Secret, ServiceAccount, Service,
        DaemonSet, Deployment, ReplicaSet, StatefulSet,
        CronJob, Job,
        ClusterRoleBinding, ClusterRole, RoleBinding, Role,
        Lease, EndpointSlice, SelfSubjectAccessReview,
    ];

    private static readonly Dictionary<(string Group, string Version, string Plural), ResourceType> ByPath =
        All.ToDictionary(type => (type.Group, type.Version, type.Plural));

    private static readonly Dictionary<(string ApiVersion, string Kind), ResourceType> ByKind = All.ToDictionary(type => (type.ApiVersion, type.Kind));

    public static ResourceType? ForPath(string group, string version, string plural) => ByPath.GetValueOrDefault((group, version, plural));

    public static ResourceType? ForKind(string apiVersion, string kind) => ByKind.GetValueOrDefault((apiVersion, kind));

    private static ResourceType Workload(string kind, string plural, string shortName, params string[] more) => new("apps", "v1", kind, plural, true)
    {
        ShortNames = [shortName],
        Categories = ["all"],
        Subresources = ["status", .. more],
        CountsGenerations = true,
    };
}
