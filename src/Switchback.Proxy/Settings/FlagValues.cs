using System.Globalization;

namespace Switchback.Proxy.Settings;

/// <summary>The flags as they were given, with typed reading: every error is collected, nothing throws.</summary>
internal sealed class FlagValues(IReadOnlyDictionary<string, IReadOnlyList<string>> given, Func<string, string?> environment, List<string> errors)
{
    private static readonly Dictionary<string, ProxyFlag> Known = ProxyFlags.All.ToDictionary(flag => flag.Name);

    public List<string> Errors => errors;

    public bool IsGiven(string name) => given.ContainsKey(name);

    public string Text(string name) => given.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : Known[name].Default;

    /// <summary>A secret that is better not on the command line: the flag first, then the environment variable.</summary>
    public string Secret(string name, string variable) => Text(name) is { Length: > 0 } text ? text : environment(variable) ?? "";

    /// <summary>A repeated flag, or the whitespace-separated entries of the environment variable when the flag is not given.</summary>
    public IReadOnlyList<string> Repeated(string name, string variable) =>
        given.TryGetValue(name, out var values) && values.Count > 0
            ? values
            : (environment(variable) ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A repeated flag that has no environment variable.</summary>
    public IReadOnlyList<string> Repeated(string name) => given.GetValueOrDefault(name, []);

    public IReadOnlyList<string> List(string name) =>
        given.TryGetValue(name, out var values)
            ? [.. values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))]
            : [];

    public bool Bool(string name)
    {
        var text = Text(name);
        switch (text)
        {
            case "1" or "t" or "T" or "true" or "TRUE" or "True":
                return true;
            case "0" or "f" or "F" or "false" or "FALSE" or "False":
                return false;
            default:
                errors.Add($"--{name}: '{text}' is neither true nor false");
                return false;
        }
    }

    public int Number(string name, int least, int most = int.MaxValue)
    {
        var text = Text(name);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        errors.Add(most == int.MaxValue ? $"--{name}: '{text}' is not a number of at least {least}" : $"--{name}: '{text}' is not a number from {least} to {most}");
        return least;
    }

    public TimeSpan Duration(string name)
    {
        var text = Text(name);
        if (GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero && duration <= TimeSpan.FromDays(24))
        {
            return duration;
        }

        errors.Add($"--{name}: '{text}' is not a duration such as 500ms, 15s or 1m30s, from 0 to 576h");
        return TimeSpan.Zero;
    }

    public HostPort Address(string name)
    {
        var text = Text(name);
        if (HostPort.TryParse(text, out var address))
        {
            return address;
        }

        errors.Add($"--{name}: '{text}' is not host:port");
        return default;
    }

    public string OneOf(string name, params string[] choices)
    {
        var text = Text(name);
        if (!choices.Contains(text))
        {
            errors.Add($"--{name}: '{text}' is not one of {string.Join(", ", choices)}");
        }

        return text;
    }

    /// <summary>A path that was given must be a file that can be opened.</summary>
    public string? File(string name)
    {
        var path = Text(name);
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            using var opened = System.IO.File.OpenRead(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            errors.Add($"--{name}: {path} cannot be read: {unreadable.Message}");
        }

        return path;
    }
}
