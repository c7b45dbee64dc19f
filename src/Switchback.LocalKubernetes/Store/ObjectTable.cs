namespace Switchback.LocalKubernetes.Store;

/// <summary>The objects of one type and their recent history. The store's lock guards it.</summary>
internal sealed class ObjectTable(ResourceType type)
{
    private const int WatchWindow = 8192;

    public ResourceType Type { get; } = type;

    public SortedDictionary<string, StoredObject> Objects { get; } = new(StringComparer.Ordinal);

    public WatchLog Log { get; private set; } = new(WatchWindow, 0);

    /// <summary>Starts the history at a version: what was before it, in an earlier life of the platform, is not known any more.</summary>
    public void StartHistory(long version) => Log = new WatchLog(WatchWindow, version);
}
