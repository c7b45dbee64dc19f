using System.Diagnostics;

namespace Switchback.Testing;

/// <summary>The distribution of Apache Kafka that tests compare with: KAFKA_HOME, or <c>../shared/kafka</c> from any directory above the test.</summary>
public static class ApacheKafka
{
    /// <summary>Why the tests that need it are skipped where it is not there.</summary>
    public const string WhyNot = "Apache Kafka is not here: set KAFKA_HOME to a distribution with bin/kafka-start";

    /// <summary>
    /// Runs a tool that does not read its input, and would not see that its test is gone: a shell does, and has it end. The shell passes on the signal that it should end, and its exit code.
    /// </summary>
    private const string Lifeline = """
        exec 3<&0
        "$@" < /dev/null 3<&- &
        tool=$!
        { cat <&3; kill -TERM $tool; } > /dev/null 2>&1 &
        exec 3<&-
        trap 'kill -TERM $tool 2> /dev/null' TERM
        while wait $tool; code=$?; kill -0 $tool 2> /dev/null; do :; done
        exit $code
        """;

    /// <summary>Its folder, or null.</summary>
    public static string? Home { get; } = Find();

    /// <summary>Its folder, or the test is skipped with the reason.</summary>
    public static string RequireHome()
    {
        Assert.SkipWhen(Home is null, WhyNot);
        return Home!;
    }

    /// <summary>The jar whose name is <paramref name="prefix"/> and a version.</summary>
    public static string Jar(string prefix) =>
        Directory.EnumerateFiles(Path.Combine(RequireHome(), "libs"), prefix + "-*.jar").Order().First(path => char.IsDigit(Path.GetFileName(path)[prefix.Length + 1]));

    /// <summary>Runs one of its scripts (<c>kafka-start</c>, <c>kafka-stop</c>, <c>kafka-run</c>).</summary>
    public static Task<Finished> ScriptAsync(string script, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null) =>
        Tool.RunAsync(Path.Combine(RequireHome(), "bin", script), arguments, input, environment);

    /// <summary>Runs a tool of Kafka's, however it ends.</summary>
    public static Task<Finished> RunAsync(IEnumerable<string> arguments, string input = "") => ScriptAsync("kafka-run", arguments, input, JavaMachine.Environment());

    /// <summary>How a tool is started that a test talks with; <see cref="ToolEndingWithInput"/> for one that does not read its input.</summary>
    public static ProcessStartInfo Talking(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in JavaMachine.Environment())
            start.Environment[name] = value;
        return start;
    }

    /// <summary>The words after <c>/bin/sh</c> that start a tool which ends with its input.</summary>
    public static string[] ToolEndingWithInput(IEnumerable<string> arguments) => ["-c", Lifeline, "sh", Path.Combine(RequireHome(), "bin", "kafka-run"), .. arguments];

    /// <summary>What a tool of Kafka's prints; the test fails when the tool does.</summary>
    public static Task<Finished> ToolAsync(params string[] arguments) => ToolAsync(arguments, "");

    /// <summary>What a tool of Kafka's prints when it is given <paramref name="input"/>; the test fails when the tool does.</summary>
    public static async Task<Finished> ToolAsync(IReadOnlyList<string> arguments, string input)
    {
        var run = await RunAsync(arguments, input);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {run.All}");
        return run;
    }

    private static string? Find()
    {
        var candidates = new List<string?> { Environment.GetEnvironmentVariable("KAFKA_HOME") };
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            candidates.Add(Path.Combine(directory.FullName, "..", "shared", "kafka"));
        return candidates.OfType<string>().Where(path => path.Length > 0).Select(Path.GetFullPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "bin", "kafka-start")));
    }
}
