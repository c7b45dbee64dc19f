using Confluent.Kafka;

namespace ChuckClient;

/// <summary>The native library under Confluent.Kafka. Its package brings it for every common Linux; on any other it has to be installed.</summary>
public static class NativeLibrdkafka
{
    /// <summary>To be called before Confluent.Kafka is first used: what to say when librdkafka cannot be loaded, or null when it is there.</summary>
    public static string? Problem()
    {
        try
        {
            return Library.IsLoaded || Library.Load() ? null : Missing("it does not load");
        }
        catch (DllNotFoundException e)
        {
            return Missing(e.Message.Split('\n')[0]);
        }
    }

    private static string Missing(string why) =>
        $"the native library librdkafka is missing: install the package librdkafka1 (Debian, Ubuntu) or librdkafka (Fedora, Alpine, Arch): {why}";
}
