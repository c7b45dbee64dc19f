using System.Text.Json;

namespace Switchback.Mirror.Configuration;

/// <summary>
/// Which topics or groups a link takes: those that an include takes and no exclude does. Without an include every name is taken.
/// </summary>
public sealed class NameFilter
{
    private readonly IReadOnlyList<(string Name, bool IsPrefix, bool Excludes)> _rules;

    private NameFilter(IReadOnlyList<(string Name, bool IsPrefix, bool Excludes)> rules) => _rules = rules;

    /// <summary>Takes every name.</summary>
    public static NameFilter All { get; } = new([]);

    /// <summary>Whether it has no rule, and so takes every name.</summary>
    public bool IsEmpty => _rules.Count == 0;

    /// <summary>Whether a name is taken.</summary>
    public bool Takes(string name)
    {
        var included = false;
        var anyInclude = false;
        foreach (var (rule, isPrefix, excludes) in _rules)
        {
            var matches = rule == "*" || (isPrefix ? name.StartsWith(rule, StringComparison.Ordinal) : name == rule);
            if (matches && excludes)
                return false;
            included |= matches && !excludes;
            anyInclude |= !excludes;
        }

        return included || !anyInclude;
    }

    /// <summary>A filter of plain names; one that ends in <c>*</c> is a prefix.</summary>
    internal static NameFilter Of(IEnumerable<string> names) =>
        new([.. names.Select(name => name.Length > 1 && name.EndsWith('*') ? (name[..^1], true, false) : (name, false, false))]);

    /// <summary>
    /// Reads Confluent's JSON: <c>{"topicFilters":[{"name":"orders","patternType":"LITERAL|PREFIXED","filterType":"INCLUDE|EXCLUDE"}]}</c>, or
    /// <c>groupFilters</c>.
    /// </summary>
    /// <exception cref="FormatException">It is not that.</exception>
    internal static NameFilter ParseJson(string text, string listName)
    {
        var right = $"{{\"{listName}\":[{{\"name\":\"..\",\"patternType\":\"LITERAL or PREFIXED\",\"filterType\":\"INCLUDE or EXCLUDE\"}}]}}";
        try
        {
            using var json = JsonDocument.Parse(text);
            var rules = new List<(string, bool, bool)>();
            foreach (var rule in json.RootElement.GetProperty(listName).EnumerateArray())
            {
                var name = rule.GetProperty("name").GetString();
                var pattern = rule.TryGetProperty("patternType", out var p) ? p.GetString() : "LITERAL";
                var kind = rule.TryGetProperty("filterType", out var f) ? f.GetString() : "INCLUDE";
                if (string.IsNullOrEmpty(name) || pattern is not ("LITERAL" or "PREFIXED") || kind is not ("INCLUDE" or "EXCLUDE"))
                    throw new FormatException($"{rule} is not a filter; {right} would be right");
                rules.Add((name, pattern == "PREFIXED", kind == "EXCLUDE"));
            }

            return new NameFilter(rules);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"is not the JSON that is expected; {right}, or a list of names, would be right", e);
        }
    }
}
