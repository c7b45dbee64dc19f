namespace Switchback.Kafka.Wire;

/// <summary>The refusals of generated writers.</summary>
internal static class VersionErrors
{
    public static InvalidOperationException NoSuchVersion(string message, short version) =>
        new($"{message} has no version {version}");

    public static InvalidOperationException NotInVersion(string field, short version) =>
        new($"{field} is set, but version {version} cannot carry it");

    public static InvalidOperationException NullInVersion(string field, short version) =>
        new($"{field} is null, but version {version} requires a value");
}
