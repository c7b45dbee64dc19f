using System.Text;

namespace Switchback.Proxy.Settings;

/// <summary>A user name and password. Never in a log: <see cref="ToString"/> shows neither.</summary>
internal sealed record SaslCredentials(string Username, string Password)
{
    public override string ToString() => "(credentials)";
}

/// <summary>
/// Reads the <c>KafkaServer</c> or <c>KafkaClient</c> section of a Java login configuration file, of the form
/// <c>KafkaServer { org.apache.kafka...PlainLoginModule required username="KEY" password="SECRET"; };</c>.
/// </summary>
internal static class Jaas
{
    private const int LargestFile = 64 * 1024;

    /// <summary>Throws <see cref="InvalidDataException"/> naming the file and what is missing, never its content.</summary>
    public static SaslCredentials ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LargestFile)
            {
                throw new InvalidDataException($"{path}: larger than {LargestFile} bytes, not a JAAS file");
            }

            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path}: cannot be read: {unreadable.Message}", unreadable);
        }
    }

    public static SaslCredentials Parse(string text, string path)
    {
        var tokens = Tokens(text, path);
        var open = tokens.FindIndex(token => token is { Kind: TokenKind.Mark, Text: "{" });
        if (open != 1 || tokens[0].Text is not ("KafkaServer" or "KafkaClient"))
        {
            throw new InvalidDataException($"{path}: does not begin with 'KafkaServer {{' (or 'KafkaClient {{')");
        }

        var values = new Dictionary<string, string>();
        for (var i = open + 1; i < tokens.Count && tokens[i] is not { Kind: TokenKind.Mark, Text: ";" or "}" }; i++)
        {
            if (i + 2 < tokens.Count && tokens[i + 1] is { Kind: TokenKind.Mark, Text: "=" } && tokens[i + 2].Kind != TokenKind.Mark)
            {
                values[tokens[i].Text] = tokens[i + 2].Text;
                i += 2;
            }
        }

        foreach (var key in (string[])["username", "password"])
        {
            if (!values.TryGetValue(key, out var value) || value.Length == 0)
            {
                throw new InvalidDataException($"{path}: {key}=\"..\" is missing or empty");
            }
        }

        return new SaslCredentials(values["username"], values["password"]);
    }

    private static List<Token> Tokens(string text, string path)
    {
        var tokens = new List<Token>();
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c) || c == '\uFEFF')
            {
                i++;
            }
            else if (c == '#' || text.AsSpan(i).StartsWith("//"))
            {
                var end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end;
            }
            else if (c is '{' or '}' or '=' or ';')
            {
                tokens.Add(new Token(TokenKind.Mark, c.ToString()));
                i++;
            }
            else if (c is '"' or '\'')
            {
                tokens.Add(new Token(TokenKind.Quoted, Quoted(text, ref i, path)));
            }
            else
            {
                var start = i;
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('{' or '}' or '=' or ';' or '"' or '\''))
                {
                    i++;
                }

                tokens.Add(new Token(TokenKind.Word, text[start..i]));
            }
        }

        return tokens;
    }

    private static string Quoted(string text, ref int i, string path)
    {
        var quote = text[i++];
        var value = new StringBuilder();
        while (i < text.Length && text[i] != quote)
        {
            // Java's escape: a backslash keeps the next character as it is.
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
            }

            value.Append(text[i++]);
        }

        if (i >= text.Length)
        {
            throw new InvalidDataException($"{path}: a value is not closed by {quote}");
        }

        i++;
        return value.ToString();
    }

    private enum TokenKind
    {
        Word,
        Quoted,
        Mark,
    }

    private readonly record struct Token(TokenKind Kind, string Text);
}
