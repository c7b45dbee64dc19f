namespace Switchback.Clients.Tests.Clients;

/// <summary>
/// How the JVM of a tool is started: small, and quick, because a tool lives for seconds and there are a hundred of them. The first tool that ends leaves its loaded classes in an archive for those
/// that come after (-XX:ArchiveClassesAtExit), which takes a third off what a start costs.
/// </summary>
internal static class JavaMachine
{
    /// <summary>What a tool makes do with.</summary>
    public const string SmallHeap = "-Xmx128m";

    private static readonly string Archive = Path.Combine(AppContext.BaseDirectory, "kafka-tools.jsa");

    private static int _isArchiving = File.Exists(Archive) ? 1 : 0;

    /// <summary>The environment of <c>kafka-run</c>.</summary>
    public static Dictionary<string, string> Environment(string heap = SmallHeap) => Options(File.Exists(Archive) ? $"-XX:SharedArchiveFile={Archive}" : "", heap);

    /// <summary>Runs a tool to its end.</summary>
    public static async Task<Finished> RunAsync(IReadOnlyList<string> arguments)
    {
        if (Interlocked.Exchange(ref _isArchiving, 1) == 1)
            return await ApacheKafka.ScriptAsync("kafka-run", arguments, environment: Environment());
        var archive = $"{Archive}.{Guid.NewGuid():N}";
        var run = await ApacheKafka.ScriptAsync("kafka-run", arguments, environment: Options($"-XX:ArchiveClassesAtExit={archive}", SmallHeap));
        if (File.Exists(archive))
            File.Move(archive, Archive, overwrite: true);
        return run;
    }

    private static Dictionary<string, string> Options(string more, string heap) => new() { ["KAFKA_HEAP"] = heap, ["KAFKA_OPTS"] = $"-XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:disable {more}" };
}
