using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Tables;

internal static class NodeTable
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static PrintedTable Create(TableColumn name, TableColumn age) => new(
    [
        name,
        PrintedTables.Text("Status", Status),
        PrintedTables.Text("Roles", Roles),
        age,
        PrintedTables.Text("Version", node => node.Text("status", "nodeInfo", "kubeletVersion")),
        PrintedTables.Text("Internal-IP", node => Address(node, "InternalIP")) with { Wide = true },
        PrintedTables.Text("External-IP", node => Address(node, "ExternalIP")) with { Wide = true },
        PrintedTables.Text("OS-Image", node => node.Text("status", "nodeInfo", "osImage") ?? "<unknown>") with { Wide = true },
        PrintedTables.Text("Kernel-Version", node => node.Text("status", "nodeInfo", "kernelVersion") ?? "<unknown>") with { Wide = true },
        PrintedTables.Text("Container-Runtime", node => node.Text("status", "nodeInfo", "containerRuntimeVersion") ?? "<unknown>") with { Wide = true },
    ]);

    private static string Status(JsonObject node)
    {
        var ready = node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Ready")?.Text("status") switch
        {
            "True" => "Ready",
            "False" => "NotReady",
            _ => "Unknown",
        };
        return node.Flag("spec", "unschedulable") == true ? ready + ",SchedulingDisabled" : ready;
    }

    private static string Roles(JsonObject node)
    {
        var roles = string.Join(',', (node.Object("metadata", "labels") ?? []).Select(label => label.Key)
            .Where(key => key.StartsWith(RolePrefix, StringComparison.Ordinal)).Select(key => key[RolePrefix.Length..]).Order());
        return roles.Length == 0 ? "<none>" : roles;
    }

    private static string Address(JsonObject node, string type) =>
        node.Items("status", "addresses").FirstOrDefault(address => address.Text("type") == type)?.Text("address") ?? "<none>";
}
