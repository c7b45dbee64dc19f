using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Tables;

internal static class ServiceTexts
{
    public static string ExternalAddress(JsonObject service)
    {
        var external = (service.At("spec", "externalIPs") as JsonArray)?.Select(address => address?.ToString() ?? "") ?? [];
        switch (service.Text("spec", "type"))
        {
            case "ExternalName":
                return service.Text("spec", "externalName") ?? "<none>";
            case "LoadBalancer":
                var ingress = service.Items("status", "loadBalancer", "ingress").Select(one => one.Text("ip") ?? one.Text("hostname") ?? "");
                var all = string.Join(',', ingress.Concat(external));
                return all.Length == 0 ? "<pending>" : all;
            default:
                var given = string.Join(',', external);
                return given.Length == 0 ? "<none>" : given;
        }
    }

    public static string Ports(JsonObject service)
    {
        var ports = service.Items("spec", "ports").Select(port => port.Number("nodePort") is { } node and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{port.Number("port")}:{node}/{port.Text("protocol")}")
            : string.Create(CultureInfo.InvariantCulture, $"{port.Number("port")}/{port.Text("protocol")}"));
        var text = string.Join(',', ports);
        return text.Length == 0 ? "<none>" : text;
    }
}

internal static class EndpointTexts
{
    public static string OfEndpoints(JsonObject endpoints)
    {
        var all = endpoints.Items("subsets").SelectMany(subset => subset.Items("ports").SelectMany(port =>
            subset.Items("addresses").Select(address => string.Create(CultureInfo.InvariantCulture, $"{address.Text("ip")}:{port.Number("port")}")))).ToList();
        return all.Count switch
        {
            0 => "<none>",
            > 3 => string.Join(',', all.Take(3)) + string.Create(CultureInfo.InvariantCulture, $" + {all.Count - 3} more..."),
            _ => string.Join(',', all),
        };
    }
}
