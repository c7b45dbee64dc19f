namespace Switchback.Proxy.Upstream;

/// <summary>A broker cannot be reached, verified or authenticated to. The message is fit for a log: it names no credential.</summary>
internal sealed class UpstreamException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the broker refused the credentials: another broker of the cluster would too.</summary>
    public bool RefusedCredentials { get; init; }
}
