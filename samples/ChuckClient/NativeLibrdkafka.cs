using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ChuckClient;

/// <summary>Finds the native library under Confluent.Kafka: the one packed with the application, or the system's.</summary>
public static class NativeLibrdkafka
{
    private const string SystemName = "librdkafka.so.1";

    /// <summary>What to say when <see cref="TryLoad"/> fails.</summary>
    public const string Missing =
        "the native library librdkafka is missing: install the package librdkafka1 (Debian, Ubuntu) or librdkafka (Fedora, Alpine, Arch)";

    /// <summary>To be called before Confluent.Kafka is first used; false when there is no librdkafka on this machine.</summary>
    public static bool TryLoad()
    {
        if (Packed())
        {
            return Library.IsLoaded || Library.Load();
        }

        if (!NativeLibrary.TryLoad(SystemName, out var system))
        {
            return false;
        }

        NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name.StartsWith("librdkafka", StringComparison.Ordinal) ? system : 0);
        return Library.IsLoaded || Library.Load();
    }

    // librdkafka.redist puts its library beside the application or under runtimes/.
    private static bool Packed() =>
        File.Exists(Path.Combine(AppContext.BaseDirectory, "librdkafka.so")) ||
        File.Exists(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", "librdkafka.so"));
}
