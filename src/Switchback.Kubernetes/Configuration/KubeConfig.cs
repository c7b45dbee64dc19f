using System.Security.Cryptography.X509Certificates;

namespace Switchback.Kubernetes;

/// <summary>How to reach one cluster: its address, whom to trust and who we are. Read from a kubeconfig or from a pod's service account.</summary>
public sealed record KubeConfig
{
    /// <summary>The API server, for example <c>https://127.0.0.1:6443</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The context's name in the kubeconfig; <c>in-cluster</c> in a pod.</summary>
    public string Context { get; init; } = "";

    /// <summary>The namespace for objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The authorities to trust instead of the system's, or null for the system's.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>The name to expect in the server's certificate, where it is not the address's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The kubeconfig says <c>insecure-skip-tls-verify: true</c>: the server's certificate is not verified.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>Our certificate, where the cluster knows us by one.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Our bearer token, asked for before each request because it may be renewed; null when there is none.</summary>
    public ITokenSource? Token { get; init; }

    /// <summary>
    /// The configuration kubectl would use: <paramref name="path"/>, else the files in <c>KUBECONFIG</c>, else the pod's service account,
    /// else <c>~/.kube/config</c>; the context is <paramref name="context"/> or the current one.
    /// </summary>
    /// <exception cref="KubeConfigException">There is none, or it is not valid; the message names file and key.</exception>
    public static KubeConfig Load(string? path = null, string? context = null)
    {
        if (path is not null)
        {
            return KubeConfigFile.Read([path], context);
        }

        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } listed)
        {
            return KubeConfigFile.Read(listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), context);
        }

        if (context is null && ServiceAccount.IsThere)
        {
            return ServiceAccount.Read();
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home)
            ? KubeConfigFile.Read([home], context)
            : throw new KubeConfigException($"no Kubernetes cluster is configured: set KUBECONFIG or write {home}");
    }
}
