using System.Globalization;
using Switchback.Mirror.Tests.Campaign;

namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Our cluster: three brokers in a process.</summary>
internal sealed class EmbeddedTestCluster : ITestCluster
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-mirror-").FullName;
    private readonly string[] _listen = [.. Enumerable.Range(0, 3).Select(_ => Address(Ports.Free()))];
    private readonly Relay[] _relays;
    private readonly string? _properties;
    private Child? _process;

    /// <param name="relayed">Behind relays, which can be cut.</param>
    /// <param name="properties">Further lines of server.properties.</param>
    public EmbeddedTestCluster(bool relayed = false, string? properties = null)
    {
        _properties = properties;
        _relays = relayed ? [.. _listen.Select(address => new Relay(Ports.Free()) { To = int.Parse(address.Split(':')[1], CultureInfo.InvariantCulture) })] : [];
    }

    public string Bootstrap => string.Join(',', _relays.Length > 0 ? _relays.Select(relay => Address(relay.Port)) : _listen);

    public string DataDirectory => Path.Combine(_directory, "data");

    public async Task StartAsync()
    {
        var configuration = Path.Combine(_directory, "server.properties");
        var advertised = _relays.Length > 0 ? $"advertised.listeners={string.Join(',', _relays.Select(relay => "CLIENTS://" + Address(relay.Port)))}" : "";
        await File.WriteAllTextAsync(configuration, $"{advertised}\n{_properties}\n");
        _process = await Child.StartAsync(["broker", DataDirectory, configuration, .. _listen]);
    }

    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.KillAsync();
    }

    public void Cut() => Array.ForEach(_relays, relay => relay.Cut());

    public void Freeze() => Array.ForEach(_relays, relay => relay.Freeze());

    public void Restore() => Array.ForEach(_relays, relay => relay.Restore());

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        foreach (var relay in _relays)
            await relay.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string Address(int port) => FormattableString.Invariant($"127.0.0.1:{port}");
}
