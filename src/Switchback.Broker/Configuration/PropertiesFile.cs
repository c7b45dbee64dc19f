using System.Globalization;
using System.Text;

namespace Switchback.Broker.Configuration;

/// <summary>An entry of a properties file and the line it begins on.</summary>
internal readonly record struct PropertyLine(string Key, string Value, int Line);

/// <summary>Reads Java's properties format: <c>#</c> and <c>!</c> comments, <c>=</c>, <c>:</c> or space after the key, escapes, lines continued by a backslash.</summary>
internal static class PropertiesFile
{
    public static List<PropertyLine> Parse(string text)
    {
        var entries = new List<PropertyLine>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimStart();
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            var first = i + 1;
            while (Continues(line) && i + 1 < lines.Length)
                line = line[..^1] + lines[++i].TrimStart();
            entries.Add(Split(line, first));
        }

        return entries;
    }

    private static bool Continues(string line)
    {
        var backslashes = line.Length - line.TrimEnd('\\').Length;
        return backslashes % 2 == 1;
    }

    private static PropertyLine Split(string line, int number)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':') && !char.IsWhiteSpace(line[end]))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var value = line[end..].TrimStart();
        if (value.Length > 0 && value[0] is '=' or ':')
            value = value[1..].TrimStart();
        return new PropertyLine(Unescape(line[..end]), Unescape(value).TrimEnd(), number);
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            var escaped = text[++i];
            if (escaped == 'u' && i + 4 < text.Length
                && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += 4;
            }
            else
            {
                plain.Append(escaped switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', _ => escaped });
            }
        }

        return plain.ToString();
    }
}
