using System.CommandLine;

namespace Switchback.Commands;

internal static class BrokerCommand
{
    public static Command Create() => NotThere.Yet("broker", "Run one embedded Kafka cluster.");
}
