namespace Switchback.Mirror.Tests.Clusters;

/// <summary>A cluster that a test may kill and bring back on its own data.</summary>
public interface ITestCluster : IAsyncDisposable
{
    string Bootstrap { get; }

    Task StartAsync();

    Task KillAsync();
}
