namespace Switchback.Kafka.Client.Properties;

/// <summary>The value of <c>sasl.jaas.config</c>: a login module's class, <c>required</c>, options as <c>name="value"</c>, a semicolon.</summary>
internal sealed class JaasConfig
{
    private JaasConfig(string module) => Module = module;

    /// <summary>The login module's class name.</summary>
    public string Module { get; }

    /// <summary>The options.</summary>
    public Dictionary<string, string> Options { get; } = [];

    /// <summary>Reads it; false with what is wrong, which never shows a value.</summary>
    public static bool TryParse(string text, out JaasConfig? config, out string error)
    {
        config = null;
        error = "";
        var words = Split(text, out var closed);
        if (words is null)
            error = "a quote is not closed";
        else if (!closed)
            error = "it must end with a semicolon";
        else if (words.Count < 2)
            error = "expected: MODULE required username=\"..\" password=\"..\";";
        if (error.Length > 0)
            return false;

        config = new JaasConfig(words![0]);
        for (var i = 2; i < words.Count; i++)
        {
            var equals = words[i].IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                error = $"option {i - 1} after {words[1]} is not name=\"value\"";
                return false;
            }

            config.Options[words[i][..equals]] = words[i][(equals + 1)..];
        }

        return true;
    }

    /// <summary>Splits at blanks outside quotes and removes the quotes; ends at a semicolon outside quotes.</summary>
    private static List<string>? Split(string text, out bool closed)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        char? quote = null;
        closed = false;
        for (var i = 0; i < text.Length && !closed; i++)
        {
            var next = text[i];
            if (quote is not null)
            {
                if (next == '\\' && i + 1 < text.Length)
                    word.Append(text[++i]);
                else if (next == quote)
                    quote = null;
                else
                    word.Append(next);
            }
            else if (next is '"' or '\'')
            {
                quote = next;
            }
            else if (next == ';' || char.IsWhiteSpace(next))
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
                closed = next == ';';
            }
            else
            {
                word.Append(next);
            }
        }

        if (word.Length > 0)
            words.Add(word.ToString());
        return quote is null ? words : null;
    }
}
