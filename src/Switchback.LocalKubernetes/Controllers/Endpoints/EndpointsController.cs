using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Endpoints;

/// <summary>Keeps, for each service with a selector, its Endpoints and EndpointSlices: ready pods apart from those that are not.</summary>
internal sealed class EndpointsController(ObjectStore store, ILogger logger) : Controller(store, logger)
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    protected override string Name => "endpoints controller";

    protected override IEnumerable<Task> Watches(CancellationToken cancellation) =>
    [
        Follow(ResourceTypes.Service, change => Enqueue(change.Object), cancellation),
        Follow(ResourceTypes.Pod, PodChanged, cancellation),
    ];

    private void PodChanged(WatchEvent change)
    {
        foreach (var service in Store.List(ResourceTypes.Service, change.Object.Namespace()))
        {
            if (Selector(service) is { } selector && (selector.Matches(change.Object) || (change.Previous is { } previous && selector.Matches(previous.Value))))
            {
                Enqueue(service);
            }
        }
    }

    protected override void Reconcile(string ns, string name)
    {
        if (Store.Find(ResourceTypes.Service, ns, name) is not { } service || service.IsBeingDeleted())
        {
            if (Store.Find(ResourceTypes.Endpoints, ns, name) is not null)
            {
                Store.Delete(ResourceTypes.Endpoints, ns, name);
            }

            Slices(ns, name).ForEach(slice => Store.Delete(ResourceTypes.EndpointSlice, ns, slice.Name()));
            return;
        }

        if (Selector(service) is not { } selector)
        {
            // Endpoints of a service without a selector are somebody else's.
            return;
        }

        var groups = EndpointGroups.Of(service, Store.List(ResourceTypes.Pod, ns, selector));
        WriteEndpoints(service, groups);
        WriteSlices(service, groups);
    }

    private static LabelSelector? Selector(JsonObject service) =>
        service.Object("spec", "selector") is { Count: > 0 } labels && service.Text("spec", "type") != "ExternalName" ? LabelSelector.FromMap(labels) : null;

    private void WriteEndpoints(JsonObject service, IReadOnlyList<EndpointGroup> groups)
    {
        var subsets = new JsonArray();
        foreach (var group in groups)
        {
            var present = group.Pods.Where(pod => !pod.IsBeingDeleted()).ToLookup(pod => EndpointGroups.IsReady(service, pod));
            var subset = new JsonObject();
            foreach (var (field, ready) in (ReadOnlySpan<(string, bool)>)[("addresses", true), ("notReadyAddresses", false)])
            {
                if (present[ready].Any())
                {
                    subset[field] = new JsonArray([.. present[ready].Select(pod => new JsonObject
                    {
                        ["ip"] = pod.Text("status", "podIP"),
                        ["nodeName"] = pod.Text("spec", "nodeName"),
                        ["targetRef"] = Reference(pod),
                    })]);
                }
            }

            if (subset.Count > 0)
            {
                subset["ports"] = new JsonArray([.. group.Ports.Select(Port)]);
                subsets.Add((JsonNode)subset);
            }
        }

        var labels = service.At("metadata", "labels");
        void Fill(JsonObject item)
        {
            item.Remove("subsets");
            if (subsets.Count > 0)
            {
                item["subsets"] = subsets.DeepClone();
            }

            if (labels is not null)
            {
                item.Ensure("metadata")["labels"] = labels.DeepClone();
            }
        }

        if (Store.Mutate(ResourceTypes.Endpoints, service.Namespace(), service.Name(), item => Changes(item, Fill)) is null)
        {
            var item = new JsonObject { ["metadata"] = new JsonObject { ["name"] = service.Name(), ["namespace"] = service.Namespace() } };
            Fill(item);
            Store.Create(ResourceTypes.Endpoints, item);
        }
    }

    private void WriteSlices(JsonObject service, IReadOnlyList<EndpointGroup> groups)
    {
        var slices = Slices(service.Namespace(), service.Name());
        for (var index = 0; index < Math.Max(groups.Count, 1); index++)
        {
            var group = groups.ElementAtOrDefault(index) ?? new EndpointGroup([], []);
            void Fill(JsonObject item)
            {
                item["addressType"] = "IPv4";
                item["endpoints"] = new JsonArray([.. group.Pods.Select(pod => Endpoint(service, pod))]);
                item["ports"] = new JsonArray([.. group.Ports.Select(Port)]);
            }

            if (index < slices.Count)
            {
                Store.Mutate(ResourceTypes.EndpointSlice, service.Namespace(), slices[index].Name(), item => Changes(item, Fill));
                continue;
            }

            var slice = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["generateName"] = service.Name() + "-",
                    ["namespace"] = service.Namespace(),
                    ["labels"] = new JsonObject { [ServiceLabel] = service.Name(), ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io" },
                    ["ownerReferences"] = new JsonArray(Ownership.Reference(ResourceTypes.Service, service)),
                },
            };
            Fill(slice);
            Store.Create(ResourceTypes.EndpointSlice, slice);
        }

        foreach (var surplus in slices.Skip(Math.Max(groups.Count, 1)))
        {
            Store.Delete(ResourceTypes.EndpointSlice, surplus.Namespace(), surplus.Name());
        }
    }

    private List<JsonObject> Slices(string ns, string service) =>
        [.. Store.List(ResourceTypes.EndpointSlice, ns).Where(slice => slice.Label(ServiceLabel) == service).OrderBy(slice => slice.Name(), StringComparer.Ordinal)];

    private static JsonObject Endpoint(JsonObject service, JsonObject pod)
    {
        var serving = EndpointGroups.IsReady(service, pod);
        return new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Text("status", "podIP")),
            ["conditions"] = new JsonObject { ["ready"] = serving && !pod.IsBeingDeleted(), ["serving"] = serving, ["terminating"] = pod.IsBeingDeleted() },
            ["nodeName"] = pod.Text("spec", "nodeName"),
            ["targetRef"] = Reference(pod),
        };
    }

    private static JsonObject Reference(JsonObject pod) => new() { ["kind"] = "Pod", ["namespace"] = pod.Namespace(), ["name"] = pod.Name(), ["uid"] = pod.Uid() };

    private static JsonObject Port(EndpointPort port)
    {
        var item = new JsonObject { ["port"] = port.Port, ["protocol"] = port.Protocol };
        if (port.Name.Length > 0)
        {
            item["name"] = port.Name;
        }

        if (port.AppProtocol is not null)
        {
            item["appProtocol"] = port.AppProtocol;
        }

        return item;
    }

    private static bool Changes(JsonObject item, Action<JsonObject> fill)
    {
        var before = item.DeepClone();
        fill(item);
        return !JsonNode.DeepEquals(before, item);
    }
}
