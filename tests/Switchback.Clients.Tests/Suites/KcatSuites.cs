using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>kcat, straight to the embedded cluster.</summary>
public sealed class KcatOnEmbedded(Clusters clusters) : ClientSuite(new KcatClient(), clusters, Target.Embedded);

/// <summary>kcat, through the proxy to the embedded cluster.</summary>
public sealed class KcatOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new KcatClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>kcat, straight to Apache Kafka.</summary>
public sealed class KcatOnApache(Clusters clusters) : ClientSuite(new KcatClient(), clusters, Target.Apache);

/// <summary>kcat, through the proxy to Apache Kafka.</summary>
public sealed class KcatOnApacheThroughProxy(Clusters clusters) : ClientSuite(new KcatClient(), clusters, Target.ApacheThroughProxy);
