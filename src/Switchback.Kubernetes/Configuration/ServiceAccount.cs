using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Kubernetes;

/// <summary>The configuration every pod is given: the API server in its environment, token and authority in a mounted directory.</summary>
internal static class ServiceAccount
{
    /// <summary>Where the mount is when it cannot be at its well-known path: pods without a file system of their own.</summary>
    public const string DirectoryVariable = "SWITCHBACK_SERVICE_ACCOUNT";

    private static string Folder =>
        Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } told ? told : "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsThere =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && File.Exists(Path.Combine(Folder, "token"));

    public static KubeConfig Read()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")!;
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT") is { Length: > 0 } told ? told : "443";
        var server = $"https://{(host.Contains(':') ? $"[{host}]" : host)}:{port}";
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address))
        {
            throw new KubeConfigException($"KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT give no address: {server}");
        }

        var authority = Path.Combine(Folder, "ca.crt");
        var ns = Path.Combine(Folder, "namespace");
        try
        {
            return new KubeConfig
            {
                Server = address,
                Context = "in-cluster",
                Namespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : "default",
                CertificateAuthorities = File.Exists(authority) ? Authorities(File.ReadAllText(authority)) : null,
                Token = new FileToken(Path.Combine(Folder, "token")),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KubeConfigException($"{Folder}: {failure.Message}", failure);
        }
    }

    private static X509Certificate2Collection Authorities(string pem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        return all;
    }
}
