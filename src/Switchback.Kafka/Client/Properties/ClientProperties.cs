using Switchback.Kafka.Client.Security;

namespace Switchback.Kafka.Client.Properties;

/// <summary>
/// A client's properties as Kafka's Java client or librdkafka spells them: where the cluster is and how to be let in. Keys that do not say
/// that are kept in <see cref="Others"/>. A relative path means one beside the properties file.
/// </summary>
public sealed record ClientProperties
{
    /// <summary>The bootstrap servers.</summary>
    public required IReadOnlyList<KafkaEndpoint> Bootstrap { get; init; }

    /// <summary>TLS and SASL.</summary>
    public required ClientSecurity Security { get; init; }

    /// <summary><c>client.id</c>, or null.</summary>
    public string? ClientId { get; init; }

    /// <summary>Every other setting, such as <c>acks</c>: what the reader of the file makes of them.</summary>
    public required IReadOnlyDictionary<string, string> Others { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ClientPropertiesException">The file cannot be read, or has errors: all of them are listed.</exception>
    public static ClientProperties Parse(string file)
    {
        try
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
            return Parse(PropertiesFile.Parse(File.ReadAllText(file)), file, directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientPropertiesException($"{file}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads settings that are already split, such as those of a larger configuration.</summary>
    /// <param name="settings">The settings; the last of a key counts.</param>
    /// <param name="source">What to call their source in errors.</param>
    /// <param name="directory">What relative paths are relative to.</param>
    /// <exception cref="ClientPropertiesException">There are errors: all of them are listed.</exception>
    public static ClientProperties Parse(IEnumerable<PropertyLine> settings, string source, string directory)
    {
        var reader = new ClientPropertiesReader(settings, source, directory);
        var properties = reader.Read();
        return reader.Errors.Count == 0 ? properties : throw new ClientPropertiesException(reader.Errors);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(',', Bootstrap)} {Security}";
}
