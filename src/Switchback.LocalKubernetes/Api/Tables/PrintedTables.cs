using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Tables;

/// <summary>The columns that <c>kubectl get</c> shows for each type.</summary>
internal static class PrintedTables
{
    private const string None = "<none>";
    private static readonly TableColumn Name = Text("Name", item => item.Name());
    private static readonly TableColumn Age = new("Age", (item, now) => item.Time("metadata", "creationTimestamp") is { } created ? Durations.Human(now - created) : "<unknown>");
    private static readonly PrintedTable Plain = new([Name, Age]);

    private static readonly Dictionary<ResourceType, PrintedTable> Tables = new()
    {
        [ResourceTypes.Namespace] = new([Name, Text("Status", item => item.Text("status", "phase")), Age]),
        [ResourceTypes.ConfigMap] = new([Name, Count("Data", item => Size(item, "data") + Size(item, "binaryData")), Age]),
        [ResourceTypes.Secret] = new([Name, Text("Type", item => item.Text("type")), Count("Data", item => Size(item, "data")), Age]),
        [ResourceTypes.ServiceAccount] = new([Name, Count("Secrets", item => item.Items("secrets").Count()), Age]),
        [ResourceTypes.Lease] = new([Name, Text("Holder", item => item.Text("spec", "holderIdentity")), Age]),
        [ResourceTypes.Role] = new([Name, Text("Created At", item => item.Text("metadata", "creationTimestamp"))]),
        [ResourceTypes.ClusterRole] = new([Name, Text("Created At", item => item.Text("metadata", "creationTimestamp"))]),
        [ResourceTypes.RoleBinding] = BindingTable(),
        [ResourceTypes.ClusterRoleBinding] = BindingTable(),
        [ResourceTypes.Endpoints] = new([Name, Text("Endpoints", EndpointTexts.OfEndpoints), Age]),
        [ResourceTypes.EndpointSlice] = new(
        [
            Name,
            Text("AddressType", item => item.Text("addressType")),
            Text("Ports", item => Join(item.Items("ports").Select(port => port.At("port")?.ToString() ?? "*"), "<unset>")),
            Text("Endpoints", item => Join(item.Items("endpoints").SelectMany(one => Texts(one["addresses"])), "<unset>")),
            Age,
        ]),
        [ResourceTypes.Service] = new(
        [
            Name,
            Text("Type", item => item.Text("spec", "type")),
            Text("Cluster-IP", item => item.Text("spec", "clusterIP") ?? None),
            Text("External-IP", ServiceTexts.ExternalAddress),
            Text("Port(s)", ServiceTexts.Ports),
            Age,
            Text("Selector", item => Labels(item.Object("spec", "selector"))) with { Wide = true },
        ]),
        [ResourceTypes.Node] = NodeTable.Create(Name, Age),
        [ResourceTypes.Event] = EventTable.Create(Name),
        [ResourceTypes.Pod] = new(
        [
            Name,
            Text("Ready", PodStatusText.Ready),
            Text("Status", PodStatusText.Status),
            new TableColumn("Restarts", (item, now) => PodStatusText.Restarts(item, now)),
            Age,
            Text("IP", item => item.Text("status", "podIP") ?? None) with { Wide = true },
            Text("Node", item => item.Text("spec", "nodeName") ?? None) with { Wide = true },
            Text("Nominated Node", item => item.Text("status", "nominatedNodeName") ?? None) with { Wide = true },
            Text("Readiness Gates", _ => None) with { Wide = true },
        ]),
        [ResourceTypes.Deployment] = new(
        [
            Name,
            Text("Ready", item => Fraction(item, "readyReplicas")),
            Count("Up-to-date", item => item.Number("status", "updatedReplicas")),
            Count("Available", item => item.Number("status", "availableReplicas")),
            Age,
            .. Template(),
            Selector(),
        ]),
        [ResourceTypes.ReplicaSet] = new(
        [
            Name,
            Count("Desired", item => item.Number("spec", "replicas")),
            Count("Current", item => item.Number("status", "replicas")),
            Count("Ready", item => item.Number("status", "readyReplicas")),
            Age,
            .. Template(),
            Selector(),
        ]),
        [ResourceTypes.StatefulSet] = new([Name, Text("Ready", item => Fraction(item, "readyReplicas")), Age, .. Template()]),
        [ResourceTypes.DaemonSet] = new(
        [
            Name,
            Count("Desired", item => item.Number("status", "desiredNumberScheduled")),
            Count("Current", item => item.Number("status", "currentNumberScheduled")),
            Count("Ready", item => item.Number("status", "numberReady")),
            Count("Up-to-date", item => item.Number("status", "updatedNumberScheduled")),
            Count("Available", item => item.Number("status", "numberAvailable")),
            Text("Node Selector", item => Labels(item.Object("spec", "template", "spec", "nodeSelector"))),
            Age,
            .. Template(),
            Selector(),
        ]),
        [ResourceTypes.Job] = new(
        [
            Name,
            Text("Status", item => item.Items("status", "conditions").FirstOrDefault(one => one.Text("status") == "True")?.Text("type") ?? "Running"),
            Text("Completions", item => string.Create(CultureInfo.InvariantCulture, $"{item.Number("status", "succeeded") ?? 0}/{item.Number("spec", "completions") ?? 1}")),
            Text("Duration", _ => ""),
            Age,
            .. Template(),
            Selector(),
        ]),
        [ResourceTypes.CronJob] = new(
        [
            Name,
            Text("Schedule", item => item.Text("spec", "schedule")),
            Text("Timezone", item => item.Text("spec", "timeZone") ?? None),
            Text("Suspend", item => item.Flag("spec", "suspend") == true ? "True" : "False"),
            Count("Active", item => item.Items("status", "active").Count()),
            Text("Last Schedule", _ => None),
            Age,
        ]),
    };

    public static PrintedTable For(ResourceType type) => Tables.GetValueOrDefault(type, Plain);

    internal static TableColumn Text(string name, Func<JsonObject, string?> cell) => new(name, (item, _) => cell(item) ?? "");

    internal static TableColumn Count(string name, Func<JsonObject, long?> cell) => new(name, (item, _) => cell(item) ?? 0) { Type = "integer" };

    internal static string Labels(JsonObject? labels) => Join((labels ?? []).Select(label => $"{label.Key}={label.Value}"), None);

    private static string Join(IEnumerable<string> parts, string none)
    {
        var text = string.Join(',', parts);
        return text.Length == 0 ? none : text;
    }

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray)?.Select(entry => entry?.ToString() ?? "") ?? [];

    private static long Size(JsonObject item, string field) => (item[field] as JsonObject)?.Count ?? 0;

    private static string Fraction(JsonObject item, string field) =>
        string.Create(CultureInfo.InvariantCulture, $"{item.Number("status", field) ?? 0}/{item.Number("spec", "replicas") ?? 0}");

    private static IEnumerable<TableColumn> Template() =>
    [
        Text("Containers", item => Join(item.Items("spec", "template", "spec", "containers").Select(one => one.Text("name") ?? ""), "")) with { Wide = true },
        Text("Images", item => Join(item.Items("spec", "template", "spec", "containers").Select(one => one.Text("image") ?? ""), "")) with { Wide = true },
    ];

    private static TableColumn Selector() => Text("Selector", item => Labels(item.Object("spec", "selector", "matchLabels"))) with { Wide = true };

    private static PrintedTable BindingTable() => new(
    [
        Name,
        Text("Role", item => $"{item.Text("roleRef", "kind")}/{item.Text("roleRef", "name")}"),
        Age,
        Subjects("Users", "User"),
        Subjects("Groups", "Group"),
        Subjects("ServiceAccounts", "ServiceAccount"),
    ]);

    private static TableColumn Subjects(string name, string kind) => Text(
        name,
        item => string.Join(", ", item.Items("subjects").Where(subject => subject.Text("kind") == kind)
            .Select(subject => kind == "ServiceAccount" ? $"{subject.Text("namespace")}/{subject.Text("name")}" : subject.Text("name")))) with
    { Wide = true };
}
