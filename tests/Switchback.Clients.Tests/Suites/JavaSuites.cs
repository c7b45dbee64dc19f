using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>Java's own client, straight to the embedded cluster.</summary>
public sealed class JavaOnEmbedded(Clusters clusters) : ClientSuite(new JavaClient(), clusters, Target.Embedded);

/// <summary>Java's own client, through the proxy to the embedded cluster.</summary>
public sealed class JavaOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new JavaClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>Java's own client, straight to Apache Kafka.</summary>
public sealed class JavaOnApache(Clusters clusters) : ClientSuite(new JavaClient(), clusters, Target.Apache);

/// <summary>Java's own client, through the proxy to Apache Kafka.</summary>
public sealed class JavaOnApacheThroughProxy(Clusters clusters) : ClientSuite(new JavaClient(), clusters, Target.ApacheThroughProxy);
