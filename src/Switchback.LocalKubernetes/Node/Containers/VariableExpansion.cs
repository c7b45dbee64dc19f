using System.Text;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>Kubernetes' <c>$(NAME)</c> in commands, arguments and variables: an unknown name stays as it is, <c>$$(NAME)</c> is a literal <c>$(NAME)</c>.</summary>
internal static class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at]);
                continue;
            }

            if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
                continue;
            }

            var end = text[at + 1] == '(' ? text.IndexOf(')', at) : -1;
            if (end < 0)
            {
                result.Append('$');
                continue;
            }

            result.Append(variables.TryGetValue(text[(at + 2)..end], out var value) ? value : text[at..(end + 1)]);
            at = end;
        }

        return result.ToString();
    }
}
