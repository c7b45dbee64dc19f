namespace Switchback.Broker.Groups;

internal sealed class GroupCoordinator(Cluster cluster) : IDisposable
{
    public void Dispose() => _ = cluster;
}
