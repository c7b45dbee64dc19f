using System.Globalization;

namespace ChuckClient;

/// <summary>The entries of one file, the last of each key, and the errors found in them so far.</summary>
internal sealed class GivenProperties(string path, IReadOnlyList<JavaProperty> entries)
{
    private readonly Dictionary<string, JavaProperty> _last = entries.GroupBy(e => e.Key, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);

    private readonly List<(int Line, string Text)> _errors = [];

    public IEnumerable<JavaProperty> All => _last.Values.OrderBy(e => e.Line);

    public IReadOnlyList<string> Errors => [.. _errors.OrderBy(e => e.Line).Select(e => e.Text)];

    public JavaProperty? this[string key] => _last.GetValueOrDefault(key);

    public void Refuse(JavaProperty entry, string why) => _errors.Add((entry.Line, $"{path}:{entry.Line}: {entry.Key}: {why}"));

    public string Required(string key, string meaning)
    {
        if (this[key] is not { } entry)
        {
            _errors.Add((int.MaxValue, $"{path}: {key}: is missing ({meaning})"));
            return "";
        }

        if (entry.Value.Trim().Length == 0 && !PropertyTable.Passed.ContainsKey(key))
        {
            Refuse(entry, $"must not be empty ({meaning})");
        }

        return entry.Value.Trim();
    }

    /// <summary>The value as a whole number from 0; null, and an error noted, when it is none.</summary>
    public int? Number(JavaProperty entry)
    {
        if (int.TryParse(entry.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        Refuse(entry, $"must be a whole number from 0 to {int.MaxValue}, not '{entry.Value.Trim()}'");
        return null;
    }
}
