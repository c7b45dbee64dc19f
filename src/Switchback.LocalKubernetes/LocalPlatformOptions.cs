using System.Net;
using Microsoft.Extensions.Logging;

namespace Switchback.LocalKubernetes;

/// <summary>How to run the embedded Kubernetes platform.</summary>
public sealed record LocalPlatformOptions
{
    /// <summary>Where everything is kept: state, keys, kubeconfig, logs, pods' volumes. Made when missing; one platform a directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the API listens, on loopback. Port 0 takes the port of the last run when it is free, any free one otherwise.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary><c>namespaces</c>: each pod has a network of its own (needs root); <c>shared</c>: pods share the machine's; <c>auto</c>: the best there is.</summary>
    public string Network { get; init; } = "auto";

    /// <summary>A YAML file that maps images to programs, besides those built in; null for none.</summary>
    public string? CatalogueFile { get; init; }

    /// <summary>A PEM file of certificate authorities that the programs in pods trust, besides the system's; null for none.</summary>
    public string? TrustFile { get; init; }

    /// <summary>The directory that images' programs are relative to; null for that of this program.</summary>
    public string? ApplicationDirectory { get; init; }

    /// <summary>Where the platform logs; null for nowhere.</summary>
    public ILoggerFactory? Logs { get; init; }
}
