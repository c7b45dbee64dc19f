using System.Diagnostics;
using System.Text.Json;
using Switchback.Kafka.Tests.Live;

namespace Switchback.Kafka.Tests.Oracle;

/// <summary>One question to Apache Kafka's message classes; no bytes ask for a new object.</summary>
internal sealed record OracleQuestion(string Message, short Version, byte[]? Bytes);

/// <summary>What Kafka's classes answered: the bytes they write and the fields they saw, or why they refused.</summary>
internal sealed record OracleAnswer(byte[]? Bytes, JsonElement Fields, string? Refusal);

/// <summary>Asks Apache Kafka's own message classes, in one Java process for all questions.</summary>
internal static class MessageOracle
{
    public static async Task<IReadOnlyList<OracleAnswer>> AskAsync(IReadOnlyList<OracleQuestion> questions)
    {
        var start = new ProcessStartInfo("java")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "-cp", Path.Combine(ApacheKafka.RequireHome(), "libs", "*"),
                Path.Combine(AppContext.BaseDirectory, "Oracle", "MessageOracle.java"),
            },
        };
        using var process = Process.Start(start)!;
        var answering = process.StandardOutput.ReadToEndAsync();
        foreach (var question in questions)
        {
            var bytes = question.Bytes is null ? "default" : Convert.ToHexStringLower(question.Bytes);
            await process.StandardInput.WriteLineAsync($"{question.Message} {question.Version} {bytes}");
        }

        process.StandardInput.Close();
        var lines = (await answering).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(questions.Count, lines.Length);
        return [.. lines.Select(Parse)];
    }

    private static OracleAnswer Parse(string line)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        var rest = line[(blank + 1)..];
        return line.StartsWith("refused ", StringComparison.Ordinal)
            ? new OracleAnswer(null, default, rest)
            : new OracleAnswer(Convert.FromHexString(line.AsSpan(0, blank)), JsonDocument.Parse(rest).RootElement, null);
    }
}
