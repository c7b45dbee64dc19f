namespace ChuckClient;

/// <summary>
/// Java matches a subscription's pattern against the whole name. librdkafka takes a name that begins with <c>^</c> as a pattern, an extended
/// POSIX expression, and searches for it.
/// </summary>
public static class SubscriptionPattern
{
    /// <summary>
    /// The pattern as librdkafka takes it: <c>.*chuck-java-topic</c> becomes <c>^(.*chuck-java-topic)$</c>. POSIX knows no groups without a
    /// capture and no <c>\d</c>; look-around and lazy quantifiers have no counterpart there, and librdkafka refuses them.
    /// </summary>
    public static string FromJava(string pattern) =>
        $"^({pattern.Replace("(?:", "(", StringComparison.Ordinal).Replace(@"\d", "[0-9]", StringComparison.Ordinal)})$";
}
