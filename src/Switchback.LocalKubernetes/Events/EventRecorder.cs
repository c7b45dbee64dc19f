using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Events;

/// <summary>
/// Writes the events that <c>kubectl describe</c> shows. The same event again raises the count of the first one; events an hour old go.
/// </summary>
/// <param name="store">Where they are kept.</param>
/// <param name="component">The component that reports, for example <c>kubelet</c>.</param>
/// <param name="host">The node it runs on; null for a controller.</param>
internal sealed class EventRecorder(ObjectStore store, string component, string? host = null)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Uid, string Reason, string Message, string? Field), (string Namespace, string Name, DateTimeOffset At)> _known = new();
    private DateTimeOffset _swept = DateTimeOffset.UtcNow;

    public void Normal(JsonObject about, string reason, string message, string? field = null) => Record(about, "Normal", reason, message, field);

    public void Warning(JsonObject about, string reason, string message, string? field = null) => Record(about, "Warning", reason, message, field);

    private void Record(JsonObject about, string type, string reason, string message, string? field)
    {
        var now = DateTimeOffset.UtcNow;
        var key = (about.Uid(), reason, message, field);
        try
        {
            if (_known.TryGetValue(key, out var known) && now - known.At < Lifetime && store.Mutate(ResourceTypes.Event, known.Namespace, known.Name, item =>
            {
                item["count"] = (item.Number("count") ?? 1) + 1;
                item["lastTimestamp"] = now.ToTimestamp();
                return true;
            }) is not null)
            {
                return;
            }

            var ns = about.Namespace() is { Length: > 0 } own ? own : "default";
            var name = string.Create(CultureInfo.InvariantCulture, $"{about.Name()}.{now.Ticks:x}{Random.Shared.Next(4096):x3}");
            store.Create(ResourceTypes.Event, Describe(about, type, reason, message, field, ns, name, now));
            _known[key] = (ns, name, now);
            Sweep(now);
        }
        catch (StatusException)
        {
            // Its namespace is ending: nobody is left to read it.
        }
    }

    private JsonObject Describe(JsonObject about, string type, string reason, string message, string? field, string ns, string name, DateTimeOffset now)
    {
        var involved = new JsonObject
        {
            ["kind"] = about.Text("kind"),
            ["namespace"] = about.Namespace() is { Length: > 0 } own ? own : null,
            ["name"] = about.Name(),
            ["uid"] = about.Uid(),
            ["apiVersion"] = about.Text("apiVersion"),
            ["resourceVersion"] = about.Text("metadata", "resourceVersion"),
        };
        if (field is not null)
        {
            involved["fieldPath"] = field;
        }

        foreach (var missing in involved.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
        {
            involved.Remove(missing);
        }

        var source = new JsonObject { ["component"] = component };
        if (host is not null)
        {
            source["host"] = host;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message.Length > 1024 ? message[..1024] : message,
            ["source"] = source,
            ["firstTimestamp"] = now.ToTimestamp(),
            ["lastTimestamp"] = now.ToTimestamp(),
            ["count"] = 1,
            ["type"] = type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host ?? "",
        };
    }

    /// <summary>Once a minute, what is too old is deleted.</summary>
    private void Sweep(DateTimeOffset now)
    {
        if (now - _swept < TimeSpan.FromMinutes(1))
        {
            return;
        }

        _swept = now;
        foreach (var (key, entry) in _known.Where(pair => now - pair.Value.At > Lifetime))
        {
            _known.TryRemove(key, out _);
            if (store.Find(ResourceTypes.Event, entry.Namespace, entry.Name) is not null)
            {
                store.Delete(ResourceTypes.Event, entry.Namespace, entry.Name);
            }
        }
    }
}
