using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>Confluent.Kafka, straight to the embedded cluster.</summary>
public sealed class ConfluentOnEmbedded(Clusters clusters) : ClientSuite(new ConfluentClient(), clusters, Target.Embedded);

/// <summary>Confluent.Kafka, through the proxy to the embedded cluster.</summary>
public sealed class ConfluentOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new ConfluentClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>Confluent.Kafka, straight to Apache Kafka.</summary>
public sealed class ConfluentOnApache(Clusters clusters) : ClientSuite(new ConfluentClient(), clusters, Target.Apache);

/// <summary>Confluent.Kafka, through the proxy to Apache Kafka.</summary>
public sealed class ConfluentOnApacheThroughProxy(Clusters clusters) : ClientSuite(new ConfluentClient(), clusters, Target.ApacheThroughProxy);
