namespace Switchback.Kafka.Tests.Live;

/// <summary>Tests that share one Apache Kafka broker.</summary>
[CollectionDefinition(Name)]
public sealed class ApacheKafkaCollection : ICollectionFixture<SecureApacheKafkaBroker>
{
    public const string Name = "Apache Kafka";
}
