namespace Switchback.Broker.Topics;

/// <summary>Which partition of a coordinator's topic a group or a transactional id belongs to; its leader is the coordinator.</summary>
internal static class CoordinatorPartition
{
    /// <summary>By Java's hash of the name, so that the data means the same to Apache Kafka.</summary>
    public static int Of(string name, int partitions)
    {
        var hash = name.Aggregate(0, (h, c) => unchecked((31 * h) + c));
        return (hash == int.MinValue ? 0 : Math.Abs(hash)) % partitions;
    }
}
