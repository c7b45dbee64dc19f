using System.Diagnostics;
using System.Globalization;

namespace Switchback.Testing;

/// <summary>
/// Apache Kafka with its data in a folder of its own, killed when this process ends, however that comes about. Nothing is started where Kafka is not there
/// (<see cref="ApacheKafka.Home"/>); asking for an address then skips the test.
/// </summary>
public class ApacheKafkaCluster : IAsyncLifetime
{
    private const int Attempts = 4;

    private readonly int _brokers;
    private readonly bool _secure;
    private readonly string[] _properties;
    private string? _options;
    private string? _directory;
    private Process? _watch;
    private int _port;

    /// <param name="brokers">How many brokers; the first is the controller too.</param>
    /// <param name="secure">Clients are met by SASL_SSL (PLAIN, SCRAM; users admin/admin-secret and client/client-secret), tools by a plaintext listener.</param>
    /// <param name="properties">Further lines of server.properties, for every broker; <c>{port+3}</c> to <c>{port+9}</c> are free ports, <c>{directory}</c> is where the data is.</param>
    protected ApacheKafkaCluster(int brokers, bool secure, params string[] properties) => (_brokers, _secure, _properties) = (brokers, secure, properties);

    /// <summary>A cluster for one test.</summary>
    public static ApacheKafkaCluster Create(int brokers = 1, bool secure = false, params string[] properties) => new(brokers, secure, properties);

    /// <summary>One broker, of which both listeners are used, with these options of its JVM.</summary>
    internal static ApacheKafkaCluster WithOptions(string options) => new(1, secure: true) { _options = options };

    /// <summary>Where its data, its certificate and its logs are.</summary>
    public string DirectoryPath
    {
        get
        {
            ApacheKafka.RequireHome();
            return _directory!;
        }
    }

    /// <summary>The brokers' ports for clients.</summary>
    public IReadOnlyList<int> BrokerPorts => [.. Enumerable.Range(0, _brokers).Select(broker => Port + (10 * broker))];

    /// <summary>The bootstrap servers for clients.</summary>
    public string Bootstrap => Servers(0);

    /// <summary>The bootstrap servers of the plaintext listener.</summary>
    public string Plaintext => Servers(_secure ? 2 : 0);

    /// <summary>The authority that signed the brokers' certificate.</summary>
    public string CaFile => Path.Combine(DirectoryPath, "ca.pem");

    private int Port
    {
        get
        {
            ApacheKafka.RequireHome();
            return _port;
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (ApacheKafka.Home is null)
            return;
        for (var attempt = 1; ; attempt++)
        {
            _directory = Directory.CreateTempSubdirectory("switchback-apache-").FullName;
            _watch = StopWhenThisEnds(_directory);

            // Otherwise a JVM is started to draw it.
            await File.WriteAllTextAsync(Path.Combine(_directory, "cluster.id"), Convert.ToBase64String(Guid.NewGuid().ToByteArray())[..22].Replace('+', '-').Replace('/', '_'));
            // kafka-start takes a port, the controller's next to it and the tools' after that; the next broker is ten further. What lies between is for listeners of a test's own.
            _port = Ports.Free([.. Enumerable.Range(0, _brokers).SelectMany(broker => Enumerable.Range(10 * broker, 10))]);
            var start = await RunStartAsync();
            if (start.ExitCode == 0)
                return;
            await DisposeAsync();
            Assert.True(attempt < Attempts, $"kafka-start ended with {start.ExitCode}: {start.All}");
        }
    }

    /// <summary>Starts what does not run, on its data and ports.</summary>
    public async Task StartAsync()
    {
        if (_directory is null)
        {
            await InitializeAsync();
            return;
        }

        var start = await RunStartAsync();
        Assert.True(start.ExitCode == 0, $"kafka-start ended with {start.ExitCode}: {start.All}");
    }

    /// <summary>kill -9: of all brokers, or of one, counted from 1.</summary>
    public Task KillAsync(int? broker = null) => SignalAsync("KILL", broker);

    /// <summary>Has all brokers end in good order, or one, counted from 1.</summary>
    public Task StopAsync(int? broker = null) => SignalAsync("TERM", broker);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_directory is null)
            return;
        _watch!.StandardInput.Close();
        await _watch.WaitForExitAsync();
        _watch.Dispose();
        _directory = null;
        GC.SuppressFinalize(this);
    }

    private async Task SignalAsync(string signal, int? broker)
    {
        var directory = broker is null || _brokers == 1 ? DirectoryPath : Path.Combine(DirectoryPath, broker.Value.ToString(CultureInfo.InvariantCulture));
        var stop = await ApacheKafka.ScriptAsync("kafka-stop", [directory, signal]);
        Assert.True(stop.ExitCode == 0, $"kafka-stop ended with {stop.ExitCode}: {stop.All}");
    }

    private async Task<Finished> RunStartAsync()
    {
        var environment = new Dictionary<string, string>
        {
            ["BROKERS"] = _brokers.ToString(CultureInfo.InvariantCulture),
            ["SECURE"] = _secure ? "1" : "",
            ["KAFKA_OPTS"] = _options ??= await JavaMachine.BrokerOptionsAsync(),
        };
        if (_brokers > 1)
            environment["KAFKA_HEAP"] = "-Xmx256m";
        string[] arguments = [_directory!, _port.ToString(CultureInfo.InvariantCulture), .. _properties.Select(Placed)];

        // It gives a broker half a minute. On a machine with much else to do that may not be enough: it finds the broker running then, and waits again.
        var start = await ApacheKafka.ScriptAsync("kafka-start", arguments, environment: environment);
        for (var attempt = 1; attempt < Attempts && start.Errors.Contains("not answering", StringComparison.Ordinal); attempt++)
            start = await ApacheKafka.ScriptAsync("kafka-start", arguments, environment: environment);
        return start;
    }

    private string Placed(string property) => Enumerable.Range(0, 10).Aggregate(
        property.Replace("{directory}", _directory, StringComparison.Ordinal),
        (text, place) => text.Replace(FormattableString.Invariant($"{{port+{place}}}"), (_port + place).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private string Servers(int offset) => string.Join(',', BrokerPorts.Select(port => FormattableString.Invariant($"localhost:{port + offset}")));

    /// <summary>
    /// A shell that waits for the end of its input, which comes with the end of this process. It has a session of its own, because what ends a test run (a terminal's interrupt, timeout) ends its whole
    /// process group. It takes the data away too: a kafka-start that is still at work finds no place for the next broker then.
    /// </summary>
    private static Process StopWhenThisEnds(string directory)
    {
        const string Script = "trap '' HUP INT TERM; cat > /dev/null; \"$0\" \"$1\" KILL; rm -rf \"$1\"";
        var stop = Path.Combine(ApacheKafka.RequireHome(), "bin", "kafka-stop");
        return Process.Start(new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, stop, directory]) { RedirectStandardInput = true })!;
    }
}

/// <summary>One plaintext broker of Apache Kafka for the tests of a class.</summary>
public sealed class ApacheKafkaBroker() : ApacheKafkaCluster(1, secure: false);

/// <summary>One broker of Apache Kafka with SASL_SSL for the tests of a class.</summary>
public sealed class SecureApacheKafkaBroker() : ApacheKafkaCluster(1, secure: true);
