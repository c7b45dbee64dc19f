using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>Apache Kafka, where a distribution with its start scripts is found: KAFKA_HOME, or <c>../shared/kafka</c> from a directory above the test.</summary>
public sealed class ApacheTarget : ClusterTarget
{
    private string? _directory;
    private string? _bootstrap;

    public static string? Home { get; } = Find();

    public override string Bootstrap
    {
        get
        {
            RequireHome();
            return _bootstrap!;
        }
    }

    public static string RequireHome()
    {
        Assert.SkipWhen(Home is null, "Apache Kafka is not here: set KAFKA_HOME to a distribution with bin/kafka-start");
        return Home!;
    }

    public override async ValueTask InitializeAsync()
    {
        if (Home is null)
            return;
        _directory = Directory.CreateTempSubdirectory("switchback-apache-").FullName;
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        _bootstrap = (await Tool.RunAsync(Path.Combine(Home, "bin", "kafka-start"), [_directory, port.ToString(CultureInfo.InvariantCulture)])).Output.Trim();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_directory is null)
            return;
        await Tool.RunAsync(Path.Combine(Home!, "bin", "kafka-stop"), [_directory, "KILL"]);
        Directory.Delete(_directory, recursive: true);
    }

    private static string? Find()
    {
        var candidates = new List<string?> { Environment.GetEnvironmentVariable("KAFKA_HOME") };
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            candidates.Add(Path.Combine(directory.FullName, "..", "shared", "kafka"));
        return candidates.OfType<string>().Where(c => c.Length > 0).Select(Path.GetFullPath).FirstOrDefault(c => File.Exists(Path.Combine(c, "bin", "kafka-start")));
    }
}
