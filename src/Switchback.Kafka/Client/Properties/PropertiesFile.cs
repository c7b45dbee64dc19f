using System.Globalization;
using System.Text;

namespace Switchback.Kafka.Client.Properties;

/// <summary>One setting of a properties file.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, without surrounding blanks.</param>
/// <param name="Line">The line it begins on, from 1.</param>
public readonly record struct PropertyLine(string Key, string Value, int Line);

/// <summary>
/// Java's properties format: <c>key=value</c>, <c>key: value</c> or <c>key value</c>; <c>#</c> and <c>!</c> begin a comment; a backslash
/// at the end of a line continues it; <c>\t \n \r \f \uXXXX</c> and a backslash before any other character are escapes.
/// </summary>
public static class PropertiesFile
{
    /// <summary>Reads the settings in order; a key may come twice, the last one counts.</summary>
    public static IReadOnlyList<PropertyLine> Parse(string text)
    {
        var settings = new List<PropertyLine>();
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r');
        for (var i = 0; i < lines.Length; i++)
        {
            var number = i + 1;
            var line = lines[i].TrimStart(' ', '\t', '\f');
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            while (IsContinued(line))
            {
                line = line[..^1];
                if (i + 1 < lines.Length)
                    line += lines[++i].TrimStart(' ', '\t', '\f');
            }

            settings.Add(Split(line, number));
        }

        return settings;
    }

    private static bool IsContinued(string line)
    {
        var backslashes = line.Length - line.TrimEnd('\\').Length;
        return backslashes % 2 == 1;
    }

    private static PropertyLine Split(string line, int number)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var rest = line[end..].TrimStart(' ', '\t', '\f');
        if (rest.Length > 0 && rest[0] is '=' or ':')
            rest = rest[1..];
        return new PropertyLine(Unescape(line[..end]), Unescape(rest).Trim(), number);
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
            return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var escape = text[++i];
            if (escape == 'u' && i + 4 < text.Length
                && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                result.Append((char)code);
                i += 4;
                continue;
            }

            result.Append(escape switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => escape });
        }

        return result.ToString();
    }
}
