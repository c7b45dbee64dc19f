using System.Globalization;
using System.Text;

namespace ChuckClient;

/// <summary>One entry of a properties file.</summary>
/// <param name="Key">The key, unescaped.</param>
/// <param name="Value">The value, unescaped; may be empty.</param>
/// <param name="Line">The line it begins on, counted from 1.</param>
public sealed record JavaProperty(string Key, string Value, int Line);

/// <summary>
/// Reads a properties file as <c>java.util.Properties</c> does: <c>key=value</c>, <c>key:value</c> or <c>key value</c>; comments begin with
/// <c>#</c> or <c>!</c>; a backslash at the end of a line continues it; <c>\t \n \r \f \uXXXX</c> and a backslash before anything else are escapes.
/// </summary>
public static class JavaProperties
{
    /// <summary>Reads all entries in file order; of a key given twice both are returned, and the later one counts, as in Java.</summary>
    /// <exception cref="FormatException">An escape <c>\u</c> without four hexadecimal digits; the message names the line.</exception>
    public static IReadOnlyList<JavaProperty> Parse(string text)
    {
        var entries = new List<JavaProperty>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var first = i + 1;
            var line = lines[i].TrimStart(' ', '\t', '\f');
            if (line.Length == 0 || line[0] is '#' or '!')
            {
                continue;
            }

            var logical = new StringBuilder(line);
            while (EndsInOpenBackslash(logical) && i + 1 < lines.Length)
            {
                logical.Length--;
                logical.Append(lines[++i].TrimStart(' ', '\t', '\f'));
            }

            var (key, value) = Split(logical.ToString());
            entries.Add(new JavaProperty(Unescape(key, first), Unescape(value, first), first));
        }

        return entries;
    }

    private static bool EndsInOpenBackslash(StringBuilder line)
    {
        var backslashes = 0;
        while (backslashes < line.Length && line[line.Length - 1 - backslashes] == '\\')
        {
            backslashes++;
        }

        return backslashes % 2 == 1;
    }

    // The key ends at the first separator that is not escaped; white space around one '=' or ':' belongs to the separator.
    private static (string Key, string Value) Split(string line)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
        {
            end += line[end] == '\\' ? 2 : 1;
        }

        end = Math.Min(end, line.Length);
        var start = end;
        var separated = false;
        while (start < line.Length && (line[start] is ' ' or '\t' or '\f' || (line[start] is '=' or ':' && !separated)))
        {
            separated |= line[start] is '=' or ':';
            start++;
        }

        return (line[..end], line[start..]);
    }

    private static string Unescape(string text, int line)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            if (++i == text.Length)
            {
                break;
            }

            if (text[i] != 'u')
            {
                plain.Append(text[i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', var other => other });
                continue;
            }

            if (i + 4 >= text.Length || !ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                throw new FormatException($"{line}: \\u must be followed by four hexadecimal digits");
            }

            plain.Append((char)unit);
            i += 4;
        }

        return plain.ToString();
    }
}
