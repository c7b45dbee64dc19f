namespace Switchback.Broker.Configuration;

/// <summary>A broker's line of JAAS: <c>MODULE required user_NAME="secret" .. ;</c>. Its users are those who may log in.</summary>
internal static class JaasConfig
{
    private const string UserPrefix = "user_";

    /// <summary>Reads the users; false, with what would be right, when the line is malformed.</summary>
    public static bool TryReadUsers(string text, Dictionary<string, string> users, out string complaint)
    {
        complaint = "must look like: org.apache.kafka.common.security.plain.PlainLoginModule required user_NAME=\"SECRET\";";
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty || rest[^1] != ';')
            return false;
        rest = rest[..^1];
        if (!TakeWord(ref rest, out var module) || !module.EndsWith("LoginModule", StringComparison.Ordinal)
            || !TakeWord(ref rest, out var flag) || flag is not ("required" or "requisite" or "sufficient" or "optional"))
            return false;
        for (rest = rest.TrimStart(); !rest.IsEmpty; rest = rest.TrimStart())
        {
            var equals = rest.IndexOf('=');
            if (equals <= 0)
                return false;
            var name = rest[..equals].Trim().ToString();
            rest = rest[(equals + 1)..].TrimStart();
            if (!TakeValue(ref rest, out var value))
                return false;
            if (name.StartsWith(UserPrefix, StringComparison.Ordinal))
                users[name[UserPrefix.Length..]] = value;
        }

        return true;
    }

    private static bool TakeWord(ref ReadOnlySpan<char> rest, out string word)
    {
        rest = rest.TrimStart();
        var end = rest.IndexOfAny(' ', '\t', '\n');
        word = (end < 0 ? rest : rest[..end]).ToString();
        rest = end < 0 ? default : rest[end..];
        return word.Length > 0;
    }

    private static bool TakeValue(ref ReadOnlySpan<char> rest, out string value)
    {
        value = "";
        if (rest.IsEmpty || rest[0] is not ('"' or '\''))
            return TakeWord(ref rest, out value);
        var end = rest[1..].IndexOf(rest[0]);
        if (end < 0)
            return false;
        value = rest.Slice(1, end).ToString();
        rest = rest[(end + 2)..];
        return true;
    }
}
