using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>The clusters as a reader of the whole of them found them at one moment.</summary>
internal sealed class ClustersView
{
    private readonly Dictionary<string, List<ClusterRecord>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Cluster, string Topic, int Partition, long Offset), ClusterRecord> _byPlace = [];

    public ClustersView(IReadOnlyList<ClusterRecord> records)
    {
        Records = records;
        foreach (var record in records)
        {
            _byPlace[(record.Cluster, record.Topic, record.Partition, record.Offset)] = record;
            if (record.Id is null)
            {
                continue;
            }

            if (!_byId.TryGetValue(record.Id, out var places))
            {
                _byId.Add(record.Id, places = []);
            }

            places.Add(record);
        }
    }

    public IReadOnlyList<ClusterRecord> Records { get; }

    public IEnumerable<string> Ids => _byId.Keys;

    /// <summary>Every place an id was found at.</summary>
    public IReadOnlyList<ClusterRecord> PlacesOf(string id) => _byId.TryGetValue(id, out var places) ? places : [];

    public ClusterRecord? At(string cluster, string topic, int partition, long offset) =>
        _byPlace.GetValueOrDefault((cluster, topic, partition, offset));

    /// <summary>Partitions with their records in the order of offsets.</summary>
    public IEnumerable<IGrouping<(string Cluster, string Topic, int Partition), ClusterRecord>> Partitions() =>
        Records.OrderBy(record => record.Offset).GroupBy(record => (record.Cluster, record.Topic, record.Partition));
}
