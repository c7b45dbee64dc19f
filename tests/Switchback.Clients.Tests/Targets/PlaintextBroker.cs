namespace Switchback.Clients.Tests.Targets;

/// <summary>An embedded cluster in plaintext, for those that know nothing else.</summary>
internal sealed class PlaintextBroker : IAsyncDisposable
{
    private readonly string _folder;
    private readonly IReadOnlyList<string> _addresses;
    private Program? _process;

    public PlaintextBroker(string name, string folder, int brokers)
    {
        _folder = folder;
        _addresses = [.. Enumerable.Range(0, brokers).Select(_ => $"127.0.0.1:{Ports.Free()}")];
        Target = new ClientTarget(name, string.Join(',', _addresses), null);
    }

    public ClientTarget Target { get; }

    /// <summary>Starts it, on its data if it has any.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(_folder);
        var file = Path.Combine(_folder, "server.properties");
        await File.WriteAllTextAsync(file, EmbeddedKafka.SmallCoordinators);
        (_process, _) = await Program.StartProductAsync(
            ["broker", .. _addresses.SelectMany(address => new[] { "--listen", address }), "--data", Path.Combine(_folder, "data"), "--config", file]);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process!.KillAsync();

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
