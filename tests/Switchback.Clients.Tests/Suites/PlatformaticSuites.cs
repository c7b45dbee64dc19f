using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>@platformatic/kafka, straight to the embedded cluster.</summary>
public sealed class PlatformaticOnEmbedded(Clusters clusters) : ClientSuite(new PlatformaticClient(), clusters, Target.Embedded);

/// <summary>@platformatic/kafka, through the proxy to the embedded cluster.</summary>
public sealed class PlatformaticOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new PlatformaticClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>@platformatic/kafka, straight to Apache Kafka.</summary>
public sealed class PlatformaticOnApache(Clusters clusters) : ClientSuite(new PlatformaticClient(), clusters, Target.Apache);

/// <summary>@platformatic/kafka, through the proxy to Apache Kafka.</summary>
public sealed class PlatformaticOnApacheThroughProxy(Clusters clusters) : ClientSuite(new PlatformaticClient(), clusters, Target.ApacheThroughProxy);
