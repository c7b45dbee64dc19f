using System.Text.Json;
using Confluent.Kafka;

namespace Switchback.Clients.Confluent;

/// <summary>The cluster it was given, and how it tells what happens.</summary>
internal static class Given
{
    /// <summary>How long it waits for an answer before it gives up.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Adds the cluster's address and what opens its door.</summary>
    public static T To<T>(T settings) where T : ClientConfig
    {
        var given = JsonSerializer.Deserialize<Dictionary<string, string?>>(Environment.GetEnvironmentVariable("FOREIGN_CLIENT") ?? throw new InvalidOperationException("FOREIGN_CLIENT is not set"))!;
        settings.BootstrapServers = given["bootstrap"];
        settings.ReconnectBackoffMaxMs = 500;
        if (given["user"] is { } user)
        {
            settings.SecurityProtocol = SecurityProtocol.SaslSsl;
            settings.Set("sasl.mechanism", given["mechanism"]);
            (settings.SaslUsername, settings.SaslPassword, settings.SslCaLocation) = (user, given["password"], given["ca"]);
        }

        return settings;
    }

    /// <summary>An event, on a line of its own.</summary>
    public static void Tell(params object[] words) => Console.Out.WriteLine(string.Join('\t', words));

    /// <summary>What went wrong and is tried again.</summary>
    public static void Complain(Error error) => Console.Error.WriteLine(error);

    /// <summary>librdkafka's own log, which repeats what is complained of.</summary>
    public static void Ignore<T>(T client, LogMessage message)
    {
    }
}
