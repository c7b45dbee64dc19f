using System.Globalization;
using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Parsing;

/// <summary>A heading: <c>request Fetch key 1 versions 4-18 flexible 12+</c>.</summary>
internal static class MessageLine
{
    private static readonly char[] Blank = [' '];

    public static Message Parse(string content, int number)
    {
        var words = content.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words.Length % 2 != 0 || !Enum.TryParse(words[0], true, out MessageKind kind))
            throw new SchemaException(number, "expected: request|response|header|data NAME [key N] versions RANGE flexible RANGE");
        var message = new Message(kind, words[1]);
        for (var i = 2; i < words.Length; i += 2)
        {
            switch (words[i])
            {
                case "key":
                    message.ApiKey = int.Parse(words[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "versions":
                    message.Versions = Range(words[i + 1], number);
                    break;
                case "flexible":
                    message.FlexibleVersions = Range(words[i + 1], number);
                    break;
                default:
                    throw new SchemaException(number, "unknown word " + words[i]);
            }
        }

        if (kind is MessageKind.Request or MessageKind.Response && message.ApiKey < 0)
            throw new SchemaException(number, "a request or response needs a key");
        return message;
    }

    internal static VersionRange Range(string text, int number) =>
        VersionRange.TryParse(text, out var range) ? range : throw new SchemaException(number, "not a version range: " + text);
}
