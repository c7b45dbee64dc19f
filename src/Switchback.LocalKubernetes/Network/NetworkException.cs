namespace Switchback.LocalKubernetes.Network;

/// <summary>The node's network could not be set up, or a pod could not be attached to it.</summary>
internal sealed class NetworkException(string message) : Exception(message);
