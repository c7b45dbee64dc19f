using System.Globalization;

namespace Switchback.Broker.Configuration;

/// <summary>What a configuration value is; the numbers are those of DescribeConfigs.</summary>
internal enum ConfigType : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    List = 7,
    Password = 9,
}

/// <summary>A key that is understood: its type, its default as Apache Kafka has it, and what it may be.</summary>
/// <param name="Name">The key.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="Default">The value when it is not set; null when there is none.</param>
/// <param name="Lowest">The lowest number allowed.</param>
/// <param name="Highest">The highest number allowed.</param>
/// <param name="Allowed">The words allowed; null where any are.</param>
internal sealed record ConfigKey(string Name, ConfigType Type, string? Default, long Lowest = long.MinValue, long Highest = long.MaxValue, string[]? Allowed = null)
{
    /// <summary>What would be right instead of the value; null when it is right.</summary>
    public string? Complaint(string value) => Type switch
    {
        ConfigType.Boolean => value is "true" or "false" ? null : "must be true or false",
        ConfigType.Int or ConfigType.Long => NumberComplaint(value),
        ConfigType.List when Allowed is not null => value.Split(',', StringSplitOptions.TrimEntries).All(v => Allowed.Contains(v, StringComparer.Ordinal))
            ? null : "must be a list of " + string.Join(", ", Allowed),
        ConfigType.String when Allowed is not null => Allowed.Contains(value, StringComparer.Ordinal) ? null : "must be one of " + string.Join(", ", Allowed),
        _ => null,
    };

    private string? NumberComplaint(string value)
    {
        var lowest = Math.Max(Lowest, Type == ConfigType.Int ? int.MinValue : long.MinValue);
        var highest = Math.Min(Highest, Type == ConfigType.Int ? int.MaxValue : long.MaxValue);
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest)
            return null;
        var unit = Name.Split('.')[^1] switch
        {
            "ms" => " of milliseconds",
            "bytes" => " of bytes",
            "minutes" => " of minutes",
            "hours" => " of hours",
            _ => "",
        };
        var range = Lowest == long.MinValue ? "" : highest is int.MaxValue or long.MaxValue ? $", {lowest} or more" : $" from {lowest} to {highest}";
        return $"must be a whole number{unit}{range}, without a unit behind it";
    }
}
