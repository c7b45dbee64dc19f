namespace Switchback.Mirror.Tests.Clusters;

/// <summary>A cluster that a test may kill and bring back on its own data, or cut off where it was asked for behind relays.</summary>
public interface ITestCluster : IAsyncDisposable
{
    string Bootstrap { get; }

    /// <summary>Where the logs of its partitions are, a folder each.</summary>
    string DataDirectory { get; }

    Task StartAsync();

    Task KillAsync();

    /// <summary>Ends every connection; nobody can connect until <see cref="Restore"/>.</summary>
    void Cut();

    /// <summary>Holds every byte until <see cref="Restore"/>.</summary>
    void Freeze();

    void Restore();
}
