using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>kafka-python, straight to the embedded cluster.</summary>
public sealed class KafkaPythonOnEmbedded(Clusters clusters) : ClientSuite(new KafkaPythonClient(), clusters, Target.Embedded);

/// <summary>kafka-python, through the proxy to the embedded cluster.</summary>
public sealed class KafkaPythonOnEmbeddedThroughProxy(Clusters clusters) : ClientSuite(new KafkaPythonClient(), clusters, Target.EmbeddedThroughProxy);

/// <summary>kafka-python, straight to Apache Kafka.</summary>
public sealed class KafkaPythonOnApache(Clusters clusters) : ClientSuite(new KafkaPythonClient(), clusters, Target.Apache);

/// <summary>kafka-python, through the proxy to Apache Kafka.</summary>
public sealed class KafkaPythonOnApacheThroughProxy(Clusters clusters) : ClientSuite(new KafkaPythonClient(), clusters, Target.ApacheThroughProxy);
