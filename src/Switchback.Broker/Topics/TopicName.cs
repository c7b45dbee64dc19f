namespace Switchback.Broker.Topics;

/// <summary>What a topic may be called.</summary>
internal static class TopicName
{
    private const int Longest = 249;

    /// <summary>What is wrong with a name, in Apache Kafka's sense; null when it is good.</summary>
    public static string? Complaint(string name)
    {
        if (name.Length == 0)
            return "Topic name is empty.";
        if (name is "." or "..")
            return "Topic name cannot be '.' or '..'.";
        if (name.Length > Longest)
            return $"Topic name is longer than {Longest} characters.";
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? null : $"Topic name '{name}' has characters other than letters, digits, '.', '_' and '-'.";
    }

    /// <summary>Names that differ in '.' and '_' only would be one name to metrics, and Kafka refuses the second.</summary>
    public static bool Collide(string a, string b) =>
        a.Length == b.Length && a != b && a.Replace('.', '_') == b.Replace('.', '_');
}
