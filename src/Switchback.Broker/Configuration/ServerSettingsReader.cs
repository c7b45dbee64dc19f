namespace Switchback.Broker.Configuration;

/// <summary>Reads and checks a cluster's configuration as a whole: every error is found, none is found only later.</summary>
internal sealed class ServerSettingsReader
{
    private readonly List<string> _errors = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly string _file;

    private ServerSettingsReader(string file) => _file = file;

    /// <exception cref="ConfigurationException">Something is wrong; the exception lists all of it.</exception>
    public static ServerSettings Read(BrokerOptions options)
    {
        var reader = new ServerSettingsReader(options.ConfigurationFile ?? "command line");
        if (options.ConfigurationFile is { } file)
            reader.ReadFile(file);
        var listeners = new ListenerReader(reader._values, reader.Complain).Read(options.Listen);
        return reader._errors.Count == 0 ? new ServerSettings(reader._values, listeners) : throw new ConfigurationException(reader._errors);
    }

    private void ReadFile(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _errors.Add($"{file}: cannot be read: {failure.Message}");
            return;
        }

        foreach (var (key, value, line) in PropertiesFile.Parse(text))
        {
            if (_lines.TryGetValue(key, out var earlier))
            {
                _errors.Add($"{file}:{line}: {key}: is set already on line {earlier}; keep one of them");
                continue;
            }

            _lines[key] = line;
            Take(key, value);
        }
    }

    private void Take(string key, string value)
    {
        var name = key;
        if (key.StartsWith("listener.name.", StringComparison.Ordinal))
        {
            var parts = key.Split('.', 4);
            name = parts.Length == 4 && ServerKeys.IsPerListener(parts[3]) ? parts[3] : key;
        }

        if (!ServerKeys.ByName.TryGetValue(name, out var known))
        {
            Complain(key, "is not a key that is known here" + (Nearest(name) is { } nearest ? $"; did you mean {nearest}?" : ""));
            return;
        }

        if (known.Complaint(value) is { } complaint)
            Complain(key, known.Type == ConfigType.Password ? complaint : $"{complaint}, not '{value}'");
        else
            _values[key] = value;
    }

    private void Complain(string key, string complaint) =>
        _errors.Add(_lines.TryGetValue(key, out var line) ? $"{_file}:{line}: {key}: {complaint}" : $"{_file}: {key}: {complaint}");

    /// <summary>The known key with the fewest letters different, if there are few.</summary>
    private static string? Nearest(string name)
    {
        var (best, distance) = ((string?)null, 4);
        foreach (var key in ServerKeys.All)
        {
            var d = Distance(name, key.Name);
            if (d < distance)
                (best, distance) = (key.Name, d);
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
