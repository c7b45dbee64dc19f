using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

internal sealed record LabelRequirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    public bool Matches(JsonObject? labels)
    {
        var value = labels?.Text(Key);
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value),
            LabelOperator.Exists => value is not null,
            _ => value is null,
        };
    }
}

/// <summary>Label requirements that must all hold; without any, everything matches.</summary>
internal sealed record LabelSelector(IReadOnlyList<LabelRequirement> Requirements)
{
    public static LabelSelector Everything { get; } = new([]);

    public bool Matches(JsonObject item) => MatchesLabels(item.Object("metadata", "labels"));

    public bool MatchesLabels(JsonObject? labels) => Requirements.All(requirement => requirement.Matches(labels));

    /// <summary>Reads a <c>spec.selector</c> with <c>matchLabels</c> and <c>matchExpressions</c>.</summary>
    public static LabelSelector FromObject(JsonObject? selector)
    {
        var requirements = FromMap(selector?.Object("matchLabels")).Requirements.ToList();
        foreach (var expression in selector?.Items("matchExpressions") ?? [])
        {
            var values = (expression["values"] as JsonArray)?.Select(value => value?.GetValue<string>() ?? "").ToList() ?? [];
            requirements.Add(new LabelRequirement(expression.Text("key") ?? "", ParseOperator(expression.Text("operator")), values));
        }

        return new LabelSelector(requirements);
    }

    /// <summary>Reads a plain map, as a Service's selector is.</summary>
    public static LabelSelector FromMap(JsonObject? labels) =>
        new([.. (labels ?? []).Select(label => new LabelRequirement(label.Key, LabelOperator.In, [label.Value?.GetValue<string>() ?? ""]))]);

    /// <summary>Reads the query form: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
    /// <exception cref="StatusException">400 for a selector that cannot be read.</exception>
    public static LabelSelector Parse(string? text)
    {
        var requirements = new List<LabelRequirement>();
        foreach (var part in Split(text ?? ""))
        {
            requirements.Add(ParseRequirement(part));
        }

        return new LabelSelector(requirements);
    }

    private static LabelOperator ParseOperator(string? name) =>
        Enum.TryParse<LabelOperator>(name, out var parsed) ? parsed : throw StatusException.BadRequest($"\"{name}\" is not a valid label selector operator");

    private static IEnumerable<string> Split(string text)
    {
        var depth = 0;
        var start = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length || (text[at] == ',' && depth == 0))
            {
                var part = text[start..at].Trim();
                start = at + 1;
                if (part.Length > 0)
                {
                    yield return part;
                }
            }
            else
            {
                depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }

    private static LabelRequirement ParseRequirement(string part)
    {
        if (part[^1] == ')' && part.IndexOf('(') is var open and > 0)
        {
            var head = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            return head is [var key, "in" or "notin"]
                ? new LabelRequirement(CheckKey(key), head[1] == "in" ? LabelOperator.In : LabelOperator.NotIn, values)
                : throw Unreadable(part);
        }

        if (part[0] == '!')
        {
            return new LabelRequirement(CheckKey(part[1..].Trim()), LabelOperator.DoesNotExist, []);
        }

        var equals = part.IndexOf('=');
        if (equals < 0)
        {
            return new LabelRequirement(CheckKey(part), LabelOperator.Exists, []);
        }

        var negated = equals > 0 && part[equals - 1] == '!';
        var name = part[..(negated ? equals - 1 : equals)].Trim();
        var value = part[(equals + 1)..].TrimStart('=').Trim();
        return new LabelRequirement(CheckKey(name), negated ? LabelOperator.NotIn : LabelOperator.In, [value]);
    }

    private static string CheckKey(string key) =>
        key.Length > 0 && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/') ? key : throw Unreadable(key);

    private static StatusException Unreadable(string part) => StatusException.BadRequest($"unable to parse requirement: found '{part}', expected: a label selector");
}
