namespace Switchback.Kubernetes;

/// <summary>The kinds the product works with; any other is found through the API's discovery.</summary>
public static class ResourceNames
{
    /// <summary>core/v1 Namespace.</summary>
    public static readonly ResourceName Namespaces = new("", "v1", "namespaces", "Namespace", Namespaced: false);

    /// <summary>core/v1 Node.</summary>
    public static readonly ResourceName Nodes = new("", "v1", "nodes", "Node", Namespaced: false);

    /// <summary>core/v1 ConfigMap.</summary>
    public static readonly ResourceName ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    /// <summary>core/v1 Secret.</summary>
    public static readonly ResourceName Secrets = new("", "v1", "secrets", "Secret");

    /// <summary>core/v1 Pod.</summary>
    public static readonly ResourceName Pods = new("", "v1", "pods", "Pod");

    /// <summary>core/v1 Service.</summary>
    public static readonly ResourceName Services = new("", "v1", "services", "Service");

    /// <summary>core/v1 ServiceAccount.</summary>
    public static readonly ResourceName ServiceAccounts = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary>core/v1 Event.</summary>
    public static readonly ResourceName Events = new("", "v1", "events", "Event");

    /// <summary>apps/v1 Deployment.</summary>
    public static readonly ResourceName Deployments = new("apps", "v1", "deployments", "Deployment");

    /// <summary>apps/v1 ReplicaSet.</summary>
    public static readonly ResourceName ReplicaSets = new("apps", "v1", "replicasets", "ReplicaSet");

    /// <summary>apps/v1 StatefulSet.</summary>
    public static readonly ResourceName StatefulSets = new("apps", "v1", "statefulsets", "StatefulSet");

    /// <summary>apps/v1 DaemonSet.</summary>
    public static readonly ResourceName DaemonSets = new("apps", "v1", "daemonsets", "DaemonSet");

    /// <summary>batch/v1 Job.</summary>
    public static readonly ResourceName Jobs = new("batch", "v1", "jobs", "Job");

    /// <summary>batch/v1 CronJob.</summary>
    public static readonly ResourceName CronJobs = new("batch", "v1", "cronjobs", "CronJob");

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static readonly ResourceName Leases = new("coordination.k8s.io", "v1", "leases", "Lease");

    /// <summary>rbac.authorization.k8s.io/v1 Role.</summary>
    public static readonly ResourceName Roles = new("rbac.authorization.k8s.io", "v1", "roles", "Role");

    /// <summary>rbac.authorization.k8s.io/v1 RoleBinding.</summary>
    public static readonly ResourceName RoleBindings = new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding");

    /// <summary>rbac.authorization.k8s.io/v1 ClusterRole.</summary>
    public static readonly ResourceName ClusterRoles = new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", Namespaced: false);

    /// <summary>rbac.authorization.k8s.io/v1 ClusterRoleBinding.</summary>
    public static readonly ResourceName ClusterRoleBindings =
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", Namespaced: false);

    private static readonly Dictionary<(string ApiVersion, string Kind), ResourceName> ByKind = new ResourceName[]
    {
        Namespaces, Nodes, ConfigMaps, Secrets, Pods, Services, ServiceAccounts, Events, Deployments, ReplicaSets, StatefulSets, DaemonSets,
        Jobs, CronJobs, Leases, Roles, RoleBindings, ClusterRoles, ClusterRoleBindings,
    }.ToDictionary(known => (known.ApiVersion, known.Kind));

    /// <summary>The resource of a manifest's <c>apiVersion</c> and <c>kind</c>, or null when this table does not know it.</summary>
    public static ResourceName? Find(string apiVersion, string kind) => ByKind.GetValueOrDefault((apiVersion, kind));
}
