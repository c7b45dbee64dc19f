namespace Switchback.Kafka.Tests.Live;

/// <summary>Finds a local distribution of Apache Kafka: KAFKA_HOME, or <c>../shared/kafka</c> from any directory above the test.</summary>
internal static class ApacheKafka
{
    public static string? Home { get; } = Find();

    /// <summary>The distribution, or the test is skipped with the reason.</summary>
    public static string RequireHome()
    {
        Assert.SkipWhen(Home is null, "Apache Kafka is not here: set KAFKA_HOME to a distribution with bin/kafka-start");
        return Home!;
    }

    public static string Jar(string prefix) =>
        Directory.EnumerateFiles(Path.Combine(RequireHome(), "libs"), prefix + "-*.jar").Order().First(path => char.IsDigit(Path.GetFileName(path)[prefix.Length + 1]));

    private static string? Find()
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home)
            candidates.Add(home);
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            candidates.Add(Path.Combine(directory.FullName, "..", "shared", "kafka"));
        return candidates.Select(Path.GetFullPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "bin", "kafka-start")));
    }
}
