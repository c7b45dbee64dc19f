namespace Switchback.Clients.Tests.Targets;

/// <summary>
/// Three brokers that clients reach in two ways: straight, by SASL_SSL, and through a proxy that does so for them, in plaintext. It is started when it is first
/// used, and shared by the tests of all clients.
/// </summary>
internal abstract class TestedCluster : IAsyncDisposable
{
    /// <summary>All clients at once, twice over, is as much as a small machine can carry: one cluster after the other.</summary>
    private static readonly SemaphoreSlim CrashTurn = new(1);

    private readonly SharedUse _use = new();
    private readonly Lazy<Task> _started;
    private readonly Lazy<Task<CrashRun>> _crash;
    private Program? _proxy;
    private ClientTarget? _direct;
    private ClientTarget? _throughProxy;

    protected TestedCluster()
    {
        _started = new Lazy<Task>(StartAllAsync);
        _crash = new Lazy<Task<CrashRun>>(PlayCrashAsync);
        Folder = Directory.CreateTempSubdirectory("switchback-clients-");
    }

    /// <summary>How messages name it.</summary>
    public abstract string Name { get; }

    public ClientTarget Direct => _direct!;

    public ClientTarget ThroughProxy => _throughProxy!;

    /// <summary>Where a client that knows neither TLS nor SASL comes in without a proxy.</summary>
    public abstract ClientTarget Plaintext { get; }

    /// <summary>What the proxy wrote on standard error.</summary>
    public string ProxyLog => _proxy!.Errors;

    protected DirectoryInfo Folder { get; }

    /// <summary>Skips the test where this cluster cannot be had.</summary>
    public abstract void Require();

    /// <summary>kill -9 of all brokers, or of one, counted from 1.</summary>
    public abstract Task KillAsync(int? broker = null);

    /// <summary>Starts what does not run, on its data and under its addresses.</summary>
    public abstract Task StartAsync();

    /// <summary>Uses the cluster beside other tests.</summary>
    public async Task UseAsync(Func<Task> use)
    {
        Require();
        await _started.Value;
        await _use.SharedAsync(async () =>
        {
            await use();
            return true;
        });
    }

    /// <summary>What became of every client when the cluster was killed under it. Played once, for all clients together and with nobody else in the cluster.</summary>
    public async Task<CrashRun> CrashAsync()
    {
        Require();
        await _started.Value;
        return await _crash.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            if (_proxy is not null)
                await _proxy.DisposeAsync();
            await StopAsync();
        }

        Folder.Delete(recursive: true);
        _use.Dispose();
    }

    protected abstract Task<(string Bootstrap, Login Login)> StartFirstAsync();

    protected abstract ValueTask StopAsync();

    private async Task<CrashRun> PlayCrashAsync()
    {
        await CrashTurn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return await _use.AloneAsync(() => CrashRun.PlayAsync(this));
        }
        finally
        {
            CrashTurn.Release();
        }
    }

    private async Task StartAllAsync()
    {
        var (bootstrap, login) = await StartFirstAsync();
        _direct = new ClientTarget(Name, bootstrap, login);

        // As the sidecar of an application: one mapping, TLS and SASL by the proxy, the credentials in a JAAS file.
        var jaas = Path.Combine(Folder.FullName, "jaas.config");
        await File.WriteAllTextAsync(
            jaas, $"KafkaClient {{\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"{login.User}\"\n  password=\"{login.Password}\";\n}};\n");
        (_proxy, var ready) = await Program.StartProductAsync(
            "proxy", "server", "--log-format=json", $"--bootstrap-server-mapping={bootstrap.Replace(',', ';')},127.0.0.1:0", "--default-listener-ip=127.0.0.1", "--tls-enable",
            $"--tls-ca-chain-cert-file={login.CaFile}", "--sasl-enable", $"--sasl-jaas-config-file={jaas}", "--http-disable");
        _throughProxy = new ClientTarget($"{Name} through the proxy", ready, null);
    }
}
