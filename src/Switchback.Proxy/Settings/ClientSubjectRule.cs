using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Switchback.Proxy.Settings;

/// <summary>
/// What the subject of a client's certificate must be: <c>s:/CN=[name]/C=[DE,PL]</c> for exact values, <c>r:/CN=[^app-.*$]</c> for regular expressions. A certificate fits
/// when each attribute that is named has exactly so many values and every one fits: exact ones in any order, expressions in the order of the certificate.
/// </summary>
internal sealed class ClientSubjectRule
{
    /// <summary>By the names of the rules; <c>S</c> is the state or province.</summary>
    private static readonly Dictionary<string, string> Attributes = new()
    {
        ["CN"] = "2.5.4.3",
        ["C"] = "2.5.4.6",
        ["L"] = "2.5.4.7",
        ["S"] = "2.5.4.8",
        ["O"] = "2.5.4.10",
        ["OU"] = "2.5.4.11",
    };

    private readonly string _text;
    private readonly Dictionary<string, IReadOnlyList<string>> _exact = [];
    private readonly Dictionary<string, IReadOnlyList<Regex>> _patterns = [];

    private ClientSubjectRule(string text) => _text = text;

    /// <summary>Null, and an error, when the text is no rule.</summary>
    public static ClientSubjectRule? Parse(string flag, string text, List<string> errors)
    {
        var rule = new ClientSubjectRule(text);
        try
        {
            rule.Read();
            return rule;
        }
        catch (FormatException wrong)
        {
            errors.Add($"--{flag}: '{text}' is not a rule such as s:/CN=[name]/C=[DE,PL] or r:/CN=[^name-.*$]: {wrong.Message}");
            return null;
        }
    }

    /// <summary>Whether a certificate's subject is as the rule says.</summary>
    public bool Fits(X509Certificate2 certificate)
    {
        var values = certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
            .Where(part => !part.HasMultipleElements)
            .ToLookup(part => part.GetSingleElementType().Value, part => part.GetSingleElementValue() ?? "");
        return _exact.All(attribute => values[attribute.Key].Order(StringComparer.Ordinal).SequenceEqual(attribute.Value.Order(StringComparer.Ordinal)))
            && _patterns.All(attribute => values[attribute.Key].Count() == attribute.Value.Count
                && values[attribute.Key].Zip(attribute.Value, (value, pattern) => pattern.IsMatch(value)).All(fits => fits));
    }

    public override string ToString() => _text;

    private void Read()
    {
        var arePatterns = _text.StartsWith("r:", StringComparison.Ordinal);
        if (!arePatterns && !_text.StartsWith("s:", StringComparison.Ordinal))
        {
            throw new FormatException("it begins with neither s: nor r:");
        }

        var at = 2;
        while (at < _text.Length)
        {
            var equals = _text.IndexOf("=[", at, StringComparison.Ordinal);
            if (_text[at] != '/' || equals < 0 || !Attributes.TryGetValue(_text[(at + 1)..equals], out var attribute))
            {
                throw new FormatException($"'{_text[at..]}' does not begin with / and one of {string.Join(", ", Attributes.Keys)}, and =[");
            }

            at = equals + 2;
            var values = ReadValues(ref at, arePatterns);
            if (arePatterns)
            {
                _patterns[attribute] = [.. values.Select(Pattern)];
            }
            else
            {
                _exact[attribute] = values;
            }
        }

        if (_exact.Count + _patterns.Count == 0)
        {
            throw new FormatException("it names no attribute");
        }
    }

    /// <summary>Values up to the closing bracket, separated by commas; a comma inside an expression's brackets or braces belongs to it.</summary>
    private List<string> ReadValues(ref int at, bool arePatterns)
    {
        var values = new List<string>();
        var value = new StringBuilder();
        var (brackets, braces) = (0, 0);
        for (; at < _text.Length; at++)
        {
            var next = _text[at];
            if (next == '[' && !arePatterns)
            {
                throw new FormatException("a bracket inside an exact value");
            }

            if (brackets == 0 && next == ']')
            {
                at++;
                values.Add(value.ToString());
                return values;
            }

            if (next == ',' && brackets == 0 && braces == 0)
            {
                values.Add(value.ToString());
                value.Clear();
                continue;
            }

            brackets += next switch { '[' => 1, ']' => -1, _ => 0 };
            braces += !arePatterns ? 0 : next switch { '{' => 1, '}' => -1, _ => 0 };
            value.Append(next);
        }

        throw new FormatException("the closing bracket is missing");
    }

    private static Regex Pattern(string text)
    {
        try
        {
            // Linear in the length of what a stranger's certificate says, as Go's expressions are.
            return new Regex(text, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{text}' is no regular expression: {wrong.Message}", wrong);
        }
    }
}
