using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>kafkajs, straight to the embedded cluster.</summary>
public sealed class KafkaJsOnEmbedded(Clusters clusters) : ClientSuite(new KafkaJsClient(), clusters, Target.Embedded);

/// <summary>kafkajs, through the proxy to the embedded cluster.</summary>
public sealed class KafkaJsOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new KafkaJsClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>kafkajs, straight to Apache Kafka.</summary>
public sealed class KafkaJsOnApache(Clusters clusters) : ClientSuite(new KafkaJsClient(), clusters, Target.Apache);

/// <summary>kafkajs, through the proxy to Apache Kafka.</summary>
public sealed class KafkaJsOnApacheThroughProxy(Clusters clusters) : ClientSuite(new KafkaJsClient(), clusters, Target.ApacheThroughProxy);
