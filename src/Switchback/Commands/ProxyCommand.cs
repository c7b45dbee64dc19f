using System.CommandLine;

namespace Switchback.Commands;

internal static class ProxyCommand
{
    public static Command Create() => NotThere.Yet("proxy", "Run the Kafka proxy sidecar, with the flags of grepplabs/kafka-proxy.");
}
