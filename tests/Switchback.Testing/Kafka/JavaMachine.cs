namespace Switchback.Testing;

/// <summary>
/// How the JVMs of the tests are started: small and quick, because they live for seconds or minutes and there are hundreds of them. A broker that is ended at once leaves the classes it loaded in an
/// archive for all that come after (JEP 350), of all test projects: it halves what their start costs, a tool's too.
/// </summary>
public static class JavaMachine
{
    /// <summary>What a tool makes do with.</summary>
    public const string SmallHeap = "-Xmx128m";

    // What the second compiler does for one costs more than it ever gives back.
    private const string Quick = "-XX:TieredStopAtLevel=1";

    // Beside the projects' outputs: artifacts/bin/PROJECT/CONFIGURATION.
    private static readonly string Archive = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "kafka-classes.jsa"));

    private static readonly Lazy<Task> Archived = new(ArchiveAsync);

    /// <summary>The environment of <c>kafka-run</c>.</summary>
    public static Dictionary<string, string> Environment(string heap = SmallHeap) => new() { ["KAFKA_HEAP"] = heap, ["KAFKA_OPTS"] = Options };

    // An archive of another Java or another Kafka is passed over (-Xshare:auto), in silence: a tool's output is read.
    private static string Options => File.Exists(Archive) ? $"{Quick} -Xshare:auto -Xlog:disable -XX:SharedArchiveFile={Archive}" : Quick;

    /// <summary>A broker's options. The first one waits until the archive is there.</summary>
    internal static async Task<string> BrokerOptionsAsync()
    {
        await Archived.Value;
        return Options;
    }

    private static async Task ArchiveAsync()
    {
        if (File.Exists(Archive))
            return;
        var made = $"{Archive}.{Guid.NewGuid():N}";
        try
        {
            await using var broker = ApacheKafkaCluster.WithOptions($"{Quick} -XX:ArchiveClassesAtExit={made}");
            await broker.InitializeAsync();
            await broker.StopAsync();
            if (File.Exists(made))
                File.Move(made, Archive, overwrite: true);
        }
        finally
        {
            File.Delete(made);
        }
    }
}
