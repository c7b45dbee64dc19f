using System.Globalization;
using System.Text;
using System.Text.Json;

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
        var input = new StringBuilder();
        foreach (var question in questions)
        {
            var bytes = question.Bytes is null ? "default" : Convert.ToHexStringLower(question.Bytes);
            input.Append(CultureInfo.InvariantCulture, $"{question.Message} {question.Version} {bytes}\n");
        }

        var lines = await JavaProgram.RunAsync("MessageOracle", input.ToString());
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
