using System.Net;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>The Kubernetes that the clients of a drill run on: the embedded one, or one that was there before and stays.</summary>
internal interface IDrillPlatform : IAsyncDisposable
{
    /// <summary>The API.</summary>
    KubernetesClient Client { get; }

    /// <summary>Where pods find what runs on this machine: the brokers listen there.</summary>
    IPAddress HostAddress { get; }

    /// <summary><c>namespaces</c> or <c>shared</c> on the embedded platform, <c>cluster</c> on another.</summary>
    string Network { get; }

    /// <summary>How long the workloads may take to become ready.</summary>
    TimeSpan ReadyWithin { get; }

    /// <summary>What a person types before <c>kubectl</c> to look around.</summary>
    string KubectlSetup { get; }

    /// <summary>Called with everything that will be applied, before any of it is.</summary>
    /// <exception cref="DrillException">The drill would replace something that is not its own.</exception>
    Task ClaimAsync(IReadOnlyList<JsonObject> manifests, CancellationToken cancellation);
}
