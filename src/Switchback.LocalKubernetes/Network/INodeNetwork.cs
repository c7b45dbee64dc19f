using System.Net;

namespace Switchback.LocalKubernetes.Network;

/// <summary>What a pod asks of the network: who it is, and the ports that its specification makes its own.</summary>
/// <param name="Name">The pod's name, which becomes its host name.</param>
/// <param name="Uid">The pod's <c>metadata.uid</c>.</param>
/// <param name="Ports">The ports that the pod's containers listen on, as far as its specification tells.</param>
internal sealed record PodNetworkRequest(string Name, string Uid, IReadOnlyCollection<int> Ports);

/// <summary>The node's network, in one of two modes that look alike to the user.</summary>
internal interface INodeNetwork : IAsyncDisposable
{
    /// <summary><c>namespaces</c> or <c>shared</c>.</summary>
    string Mode { get; }

    /// <summary>The address by which pods reach what listens on the host: the brokers, the API server.</summary>
    IPAddress NodeAddress { get; }

    /// <summary>Gives a pod its network; everything of it is gone when the result is disposed, or when this process ends.</summary>
    Task<IPodNetwork> AttachAsync(PodNetworkRequest request, CancellationToken cancellation);
}

/// <summary>One pod's place in the network.</summary>
internal interface IPodNetwork : IAsyncDisposable
{
    IPAddress Address { get; }

    /// <summary>The process that holds the pod's network namespace and host name; null on the shared network.</summary>
    int? SandboxProcessId { get; }

    /// <summary>The pod's ports where they differ from what its specification says: port of the specification to real port.</summary>
    IReadOnlyDictionary<int, int> Ports { get; }
}
