using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Node.Volumes;

namespace Switchback.LocalKubernetes.Node;

/// <summary>What the node needs to know of the platform around it.</summary>
internal sealed record NodeAgentOptions
{
    /// <summary>Where pods' volumes, launch scripts and logs are kept: <c>pods/</c> and <c>logs/</c> below it.</summary>
    public required string Directory { get; init; }

    public required ImageCatalogue Catalogue { get; init; }

    /// <summary>Issues pods' tokens.</summary>
    public required IServiceAccountTokens Tokens { get; init; }

    /// <summary>The port of the API server on the node's address.</summary>
    public int ApiServerPort { get; init; }

    /// <summary>A PEM file of certificate authorities that pods trust besides the system's, by <c>SSL_CERT_FILE</c>; null for none.</summary>
    public string? TrustFile { get; init; }

    /// <summary>The first delay between restarts of a container that keeps ending; it doubles up to 30 times as much. 10 s, as the kubelet has it.</summary>
    public TimeSpan RestartBackOff { get; init; } = TimeSpan.FromSeconds(10);
}
