using Switchback.Broker.Configuration;
using Switchback.Kafka;

namespace Switchback.Broker.Topics;

/// <summary>Checks what is asked of a topic's configuration.</summary>
internal static class TopicConfiguration
{
    /// <summary>What is wrong with the entries; null when they hold.</summary>
    public static string? Complaint(IReadOnlyDictionary<string, string> entries)
    {
        foreach (var (key, value) in entries)
        {
            if (!TopicKeys.ByName.TryGetValue(key, out var known))
                return $"Unknown topic config name: {key}";
            if (known.Complaint(value) is { } complaint)
                return $"Invalid value {value} for configuration {key}: {complaint}";
        }

        return null;
    }

    /// <summary>Applies one operation of IncrementalAlterConfigs: 0 sets, 1 deletes, 2 appends to a list, 3 takes from it.</summary>
    public static KafkaError Apply(Dictionary<string, string> configuration, string key, sbyte operation, string? value, Func<string, string?> defaults)
    {
        switch (operation)
        {
            case 0 when value is not null:
                configuration[key] = value;
                return KafkaError.None;
            case 1:
                configuration.Remove(key);
                return KafkaError.None;
            case 2 or 3 when value is not null && TopicKeys.ByName.TryGetValue(key, out var known) && known.Type == ConfigType.List:
                var present = (configuration.GetValueOrDefault(key) ?? defaults(key) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
                var given = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
                configuration[key] = string.Join(',', operation == 2 ? present.Union(given) : present.Except(given));
                return KafkaError.None;
            case 2 or 3 when value is not null:
                return KafkaError.InvalidConfig;
            default:
                return KafkaError.InvalidRequest;
        }
    }
}
