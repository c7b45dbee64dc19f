using Switchback.Kafka;

namespace Switchback.Broker.Handlers;

/// <summary>What Apache Kafka says of access control lists where no authorizer is configured, and this cluster always.</summary>
internal static class NoAuthorizer
{
    public const KafkaError Error = KafkaError.SecurityDisabled;
    public const string Message = "no authorizer is configured: everybody who is let in may do everything";
}
