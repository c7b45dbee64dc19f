using System.Text;

namespace ChuckClient;

/// <summary>What <c>sasl.jaas.config</c> says: a login module and its user name and password, which never go into a log.</summary>
internal sealed record JaasCredentials(string LoginModule, string Username, string Password)
{
    /// <summary>The mechanisms that a login module can serve; none for one that is not known here.</summary>
    public static IReadOnlyList<string> MechanismsOf(string loginModule) => loginModule switch
    {
        "org.apache.kafka.common.security.plain.PlainLoginModule" => ["PLAIN"],
        "org.apache.kafka.common.security.scram.ScramLoginModule" => ["SCRAM-SHA-256", "SCRAM-SHA-512"],
        _ => [],
    };

    /// <summary>Reads <c>CLASS required username="K" password="S";</c> with single, double or no quotes.</summary>
    /// <exception cref="FormatException">It is not of that form; the message never repeats the value.</exception>
    public static JaasCredentials Parse(string text)
    {
        const string Form = "must read: CLASS required username=\"KEY\" password=\"SECRET\";";
        var rest = text.Trim();
        if (!rest.EndsWith(';'))
        {
            throw new FormatException($"{Form} (the semicolon at the end is missing)");
        }

        var words = Words(rest[..^1]);
        if (words.Count < 2 || words[1] is not ("required" or "requisite" or "sufficient" or "optional"))
        {
            throw new FormatException(Form);
        }

        if (MechanismsOf(words[0]).Count == 0)
        {
            const string Package = "org.apache.kafka.common.security";
            throw new FormatException($"the login module must be {Package}.plain.PlainLoginModule or {Package}.scram.ScramLoginModule");
        }

        string? username = null, password = null;
        foreach (var word in words.Skip(2))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? word : word[..equals])
            {
                case "username" when equals >= 0:
                    username = word[(equals + 1)..];
                    break;
                case "password" when equals >= 0:
                    password = word[(equals + 1)..];
                    break;
            }
        }

        return username is null || password is null
            ? throw new FormatException($"{Form} ({(username is null ? "username" : "password")} is missing)")
            : new JaasCredentials(words[0], username, password);
    }

    public override string ToString() => $"{LoginModule} (credentials not shown)";

    // Words separated by white space; quotes hold white space together and are taken off; a backslash within quotes escapes.
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0' && c == '\\' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
            }
            else if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Take();
            }
            else
            {
                word.Append(c);
            }
        }

        if (quote != '\0')
        {
            throw new FormatException("a quote is not closed");
        }

        Take();
        return words;

        void Take()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }
}
