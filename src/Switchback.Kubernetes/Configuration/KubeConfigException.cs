namespace Switchback.Kubernetes;

/// <summary>A kubeconfig is missing or not valid; the message names the file, the key and what would be right.</summary>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
