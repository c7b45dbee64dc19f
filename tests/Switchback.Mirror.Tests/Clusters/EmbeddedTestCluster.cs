namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Our cluster: three brokers in a process.</summary>
internal sealed class EmbeddedTestCluster : ITestCluster
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-mirror-").FullName;
    private readonly string[] _listen = [.. Enumerable.Range(0, 3).Select(_ => FormattableString.Invariant($"127.0.0.1:{Ports.Free()}"))];
    private Child? _process;

    public string Bootstrap => string.Join(',', _listen);

    public async Task StartAsync() => _process = await Child.StartAsync(["broker", _directory, .. _listen]);

    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
