using System.Globalization;

namespace ChuckClient;

/// <summary>A properties file that cannot be used: every error found, each as <c>file:line: key: what would be right</c>.</summary>
/// <param name="errors">The errors, in file order; never a credential.</param>
public sealed class PropertiesException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>The errors, one a line.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}

/// <summary>What the application is: some keys belong to one of them only.</summary>
public enum ClientRole
{
    /// <summary>It sends.</summary>
    Producer,

    /// <summary>It reads, in a group.</summary>
    Consumer,
}

/// <summary>The <c>config.properties</c> of a Java client, checked as a whole and translated for librdkafka.</summary>
public sealed class ClientProperties
{
    private ClientProperties(string topic, string clientId, int maxPollRecords, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> notices)
    {
        Topic = topic;
        ClientId = clientId;
        MaxPollRecords = maxPollRecords;
        Settings = settings;
        Notices = notices;
    }

    /// <summary>The topic to produce to, or the pattern of the topics to read (a Java regular expression over whole names).</summary>
    public string Topic { get; }

    /// <summary>The client id, or the role's name where the file gives none.</summary>
    public string ClientId { get; }

    /// <summary>How many records one poll hands out at most; 500 as in Java.</summary>
    public int MaxPollRecords { get; }

    /// <summary>librdkafka's settings. Holds credentials: not for a log.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What was left out or changed, for stderr; never a credential.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="PropertiesException">The file cannot be read or used.</exception>
    public static ClientProperties Load(string path, ClientRole role)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, role);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PropertiesException([$"{path}: cannot be read: {e.Message}"]);
        }
    }

    /// <summary>Checks the text of a file; <paramref name="path"/> is for the messages only.</summary>
    /// <exception cref="PropertiesException">The text cannot be used.</exception>
    public static ClientProperties Parse(string text, string path, ClientRole role)
    {
        IReadOnlyList<JavaProperty> entries;
        try
        {
            entries = JavaProperties.Parse(text);
        }
        catch (FormatException e)
        {
            throw new PropertiesException([$"{path}:{e.Message}"]);
        }

        var given = new GivenProperties(path, entries);
        var settings = Defaults(role);
        var notices = new List<string>();
        foreach (var entry in given.All)
        {
            Translate(entry, role, given, settings, notices);
        }

        var topic = given.Required("topic", role == ClientRole.Producer
            ? "the topic to produce to"
            : "the pattern of the topics to read, such as .*chuck-java-topic");
        given.Required("bootstrap.servers", "host:port, several separated by commas");
        if (role == ClientRole.Consumer)
        {
            given.Required("group.id", "the consumer group's name");
        }

        SecurityRules.Apply(given, settings, notices);
        DeliveryRules.Apply(given, role, settings, notices);
        if (given.Errors.Count > 0)
        {
            throw new PropertiesException(given.Errors);
        }

        var maxPollRecords = given["max.poll.records"] is { } limit ? int.Parse(limit.Value, CultureInfo.InvariantCulture) : 500;
        return new ClientProperties(topic, settings["client.id"], maxPollRecords, settings, notices);
    }

    // Java's defaults where librdkafka's differ, and what a playground wants: a mirrored topic that is new is seen within seconds.
    private static Dictionary<string, string> Defaults(ClientRole role) => role == ClientRole.Producer
        ? new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client.id"] = "producer",
            ["enable.idempotence"] = "true",
            ["acks"] = "all",
            ["delivery.timeout.ms"] = "120000",
            ["partitioner"] = "murmur2_random",
        }
        : new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client.id"] = "consumer",
            ["enable.auto.commit"] = "false",
            ["topic.metadata.refresh.interval.ms"] = "5000",
        };

    private static void Translate(JavaProperty entry, ClientRole role, GivenProperties given, Dictionary<string, string> settings, List<string> notices)
    {
        if (entry.Key == "topic" || SecurityRules.Keys.Contains(entry.Key) || DeliveryRules.Keys.Contains(entry.Key))
        {
            return;
        }

        if (PropertyTable.Ignored.Contains(entry.Key))
        {
            notices.Add($"{entry.Key} means nothing to this client and is ignored");
        }
        else if (!PropertyTable.Passed.TryGetValue(entry.Key, out var property))
        {
            given.Refuse(entry, "is not a property of a Kafka client that is known here");
        }
        else if (property.Role is { } owner && !owner.Equals(role.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            notices.Add($"{entry.Key} is a {owner}'s property and is ignored");
        }
        else if (Value(entry, property, given) is { } value)
        {
            foreach (var name in property.Names.DefaultIfEmpty(entry.Key))
            {
                settings[name] = value;
            }
        }
    }

    private static string? Value(JavaProperty entry, PassedProperty property, GivenProperties given)
    {
        var value = entry.Value.Trim();
        switch (property.Form)
        {
            case PropertyForm.Number:
                return given.Number(entry) is { } number ? number.ToString(CultureInfo.InvariantCulture) : null;
            case PropertyForm.Flag when value.ToLowerInvariant() is not ("true" or "false"):
                given.Refuse(entry, $"must be true or false, not '{value}'");
                return null;
            case PropertyForm.Word when !property.Words!.Contains(value, StringComparer.OrdinalIgnoreCase):
                given.Refuse(entry, $"must be one of {string.Join(", ", property.Words!)}, not '{value}'");
                return null;
            case PropertyForm.Text when value.Length == 0:
                given.Refuse(entry, "must not be empty");
                return null;
            case PropertyForm.Text:
                return value;
            default:
                return value.ToLowerInvariant() switch
                {
                    // An error, as in Java: librdkafka's word for "none".
                    "none" when entry.Key == "auto.offset.reset" => "error",
                    var lower => lower,
                };
        }
    }
}
