using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

internal static class ServiceAdmission
{
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;

    public static void SetDefaults(ObjectStore store, JsonObject service, JsonObject? previous)
    {
        if (service.Object("spec") is not { } spec)
        {
            return;
        }

        service.Ensure("status", "loadBalancer");
        foreach (var port in spec.Items("ports").Where(port => port["targetPort"] is null && port["port"] is not null))
        {
            port["targetPort"] = port["port"]!.DeepClone();
        }

        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        if (spec.Text("clusterIP") is null or "")
        {
            // What was allotted stays, though a client that replaces the object may not know it.
            spec["clusterIP"] = previous?.Text("spec", "clusterIP") is { Length: > 0 } known ? known : FreeAddress(store);
        }

        spec["clusterIPs"] = new JsonArray(spec.Text("clusterIP"));
        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        spec["internalTrafficPolicy"] ??= "Cluster";
        if (spec.Text("type") is "LoadBalancer" or "NodePort")
        {
            spec["externalTrafficPolicy"] ??= "Cluster";
            if (spec.Text("type") == "LoadBalancer")
            {
                spec["allocateLoadBalancerNodePorts"] ??= true;
            }

            AllotNodePorts(store, service, spec, previous);
        }
    }

    public static void Check(JsonObject service, JsonObject? previous, List<StatusCause> causes)
    {
        if (service.Object("spec") is not { } spec)
        {
            causes.Required("spec");
            return;
        }

        var ports = spec.Items("ports").ToList();
        if (ports.Count == 0 && spec.Text("type") != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            causes.Required("spec.ports");
        }

        var names = new HashSet<string>();
        for (var at = 0; at < ports.Count; at++)
        {
            var path = Causes.At("spec.ports", at);
            var name = ports[at].Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1)
            {
                causes.Required(path + ".name");
            }
            else if (name.Length > 0 && !Names.IsLabel(name))
            {
                causes.Invalid(path + ".name", name, Names.LabelMessage);
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                causes.Duplicate(path + ".name", name);
            }

            if (ports[at].Number("port") is < 1 or > 65535)
            {
                causes.Invalid(path + ".port", ports[at]["port"], "must be between 1 and 65535, inclusive");
            }

            if (ports[at].Number("targetPort") is < 1 or > 65535)
            {
                causes.Invalid(path + ".targetPort", ports[at]["targetPort"], "must be between 1 and 65535, inclusive");
            }
        }

        if (previous?.Text("spec", "clusterIP") is { Length: > 0 } known && spec.Text("clusterIP") != known && spec.Text("type") != "ExternalName")
        {
            causes.Invalid("spec.clusterIPs[0]", new JsonArray(spec.Text("clusterIP")), "may not change once set");
        }
    }

    private static string FreeAddress(ObjectStore store)
    {
        var taken = store.List(ResourceTypes.Service).Select(service => service.Text("spec", "clusterIP")).ToHashSet();
        for (var number = 10; number < 1 << 16; number++)
        {
            var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{number >> 8}.{number & 255}");
            if (!taken.Contains(address))
            {
                return address;
            }
        }

        throw StatusException.Internal("failed to allocate a serviceIP: range is full");
    }

    private static void AllotNodePorts(ObjectStore store, JsonObject service, JsonObject spec, JsonObject? previous)
    {
        HashSet<long>? taken = null;
        foreach (var port in spec.Items("ports").Where(port => port.Number("nodePort") is null or 0))
        {
            var known = previous?.Items("spec", "ports").FirstOrDefault(one => one.Number("port") == port.Number("port"))?.Number("nodePort");
            taken ??= [.. store.List(ResourceTypes.Service)
                .Where(other => other.Uid() != service.Uid())
                .SelectMany(other => other.Items("spec", "ports")).Concat(spec.Items("ports")).Select(one => one.Number("nodePort") ?? 0)];
            var free = known is > 0 ? known.Value : Enumerable.Range(FirstNodePort, LastNodePort - FirstNodePort + 1).First(candidate => !taken.Contains(candidate));
            taken.Add(free);
            port["nodePort"] = free;
        }
    }
}
