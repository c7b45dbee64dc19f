namespace Switchback.Proxy.Relay;

/// <summary>One side broke the protocol, or asks for what cannot be done: the connection ends, with this line in the log.</summary>
internal sealed class RelayException(string message, Exception? inner = null) : Exception(message, inner);
