namespace Switchback.LocalKubernetes.Network;

/// <summary>Chooses the node's network.</summary>
internal static class NodeNetwork
{
    /// <summary>Sets up the wanted mode; <c>auto</c> takes namespaces where the system really allows them, and the shared network elsewhere.</summary>
    /// <param name="mode"><c>auto</c>, <c>namespaces</c> or <c>shared</c>.</param>
    /// <param name="memory">The file that says which network it was the last time.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="NetworkException"><c>namespaces</c> was asked for and cannot be had.</exception>
    public static async Task<INodeNetwork> CreateAsync(string mode, string memory, CancellationToken cancellation)
    {
        switch (mode)
        {
            case "shared":
                return new SharedNetwork();
            case "namespaces":
                try
                {
                    return await NamespaceNetwork.CreateAsync(memory, cancellation);
                }
                catch (NetworkException exception)
                {
                    throw new NetworkException($"--network namespaces cannot be had here (it needs root with CAP_NET_ADMIN and CAP_SYS_ADMIN): {exception.Message}");
                }

            case "auto" when Environment.IsPrivilegedProcess:
                try
                {
                    return await NamespaceNetwork.CreateAsync(memory, cancellation);
                }
                catch (NetworkException)
                {
                    // Root without the capabilities, as in a plain container.
                    return new SharedNetwork();
                }

            case "auto":
                return new SharedNetwork();
            default:
                throw new NetworkException($"--network {mode}: must be auto, namespaces or shared");
        }
    }
}
