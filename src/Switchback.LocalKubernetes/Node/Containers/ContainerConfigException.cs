namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>A container cannot be started as its specification wants it; shown as <c>CreateContainerConfigError</c>.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);
