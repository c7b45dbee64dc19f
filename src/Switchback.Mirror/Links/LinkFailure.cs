using System.Net.Sockets;
using Switchback.Kafka.Client;
using Switchback.Kafka.Wire;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Links;

/// <summary>What a link lives through: a cluster that is away, refuses, or says nonsense. Anything else is a fault of ours.</summary>
internal static class LinkFailure
{
    public static bool IsExpected(Exception e) => e is
        KafkaConnectionException or KafkaErrorException or WireFormatException or InvalidDataException or IOException or SocketException
        or OperationCanceledException or NotSupportedException or FencedException or LinkSideException or ResyncException or ObjectDisposedException;
}
