namespace Switchback.LocalKubernetes.Store;

/// <summary>
/// The objects of one type, found by key, by namespace and by the owner that controls them, and their recent history. The store's lock guards it.
/// </summary>
internal sealed class ObjectTable(ResourceType type)
{
    private const int WatchWindow = 8192;
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> byNamespace = [];
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> byController = [];
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> uncontrolled = [];

    public ResourceType Type { get; } = type;

    public SortedDictionary<string, StoredObject> Objects { get; } = new(StringComparer.Ordinal);

    public WatchLog Log { get; private set; } = new(WatchWindow, 0);

    /// <summary>In the order of names.</summary>
    public IReadOnlyCollection<StoredObject> InNamespace(string ns) => Of(byNamespace, ns);

    /// <summary>What the object with this uid controls, in the order of names.</summary>
    public IReadOnlyCollection<StoredObject> ControlledBy(string uid) => Of(byController, uid);

    /// <summary>The objects of a namespace that nobody controls, in the order of names.</summary>
    public IReadOnlyCollection<StoredObject> Uncontrolled(string ns) => Of(uncontrolled, ns);

    /// <summary>Stores a version of an object; answers the one it replaces.</summary>
    public StoredObject? Put(StoredObject item)
    {
        var replaced = Remove(item.Key);
        Objects[item.Key] = item;
        Add(byNamespace, item.Namespace, item);
        Add(item.ControllerUid is null ? uncontrolled : byController, item.ControllerUid ?? item.Namespace, item);
        return replaced;
    }

    /// <summary>Takes an object out and answers it; null when there is none.</summary>
    public StoredObject? Remove(string key)
    {
        if (!Objects.Remove(key, out var removed))
        {
            return null;
        }

        Take(byNamespace, removed.Namespace, key);
        Take(removed.ControllerUid is null ? uncontrolled : byController, removed.ControllerUid ?? removed.Namespace, key);
        return removed;
    }

    /// <summary>Starts the history at a version: what was before it, in an earlier life of the platform, is not known any more.</summary>
    public void StartHistory(long version) => Log = new WatchLog(WatchWindow, version);

    private static IReadOnlyCollection<StoredObject> Of(Dictionary<string, SortedDictionary<string, StoredObject>> index, string group) =>
        index.TryGetValue(group, out var found) ? found.Values : [];

    private static void Add(Dictionary<string, SortedDictionary<string, StoredObject>> index, string group, StoredObject item)
    {
        if (!index.TryGetValue(group, out var found))
        {
            index[group] = found = new SortedDictionary<string, StoredObject>(StringComparer.Ordinal);
        }

        found[item.Key] = item;
    }

    private static void Take(Dictionary<string, SortedDictionary<string, StoredObject>> index, string group, string key)
    {
        if (index.TryGetValue(group, out var found) && found.Remove(key) && found.Count == 0)
        {
            index.Remove(group);
        }
    }
}
