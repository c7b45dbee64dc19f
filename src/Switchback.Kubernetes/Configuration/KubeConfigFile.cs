using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>Reads kubeconfig files; of several, the first that names a cluster, user or context wins, as with kubectl.</summary>
internal static class KubeConfigFile
{
    private sealed record Entry(string File, JsonObject Value);

    public static KubeConfig Read(IReadOnlyList<string> paths, string? context)
    {
        var files = paths.Where(path => paths.Count == 1 || File.Exists(path)).Select(path => (Path: path, Root: Parse(path))).ToList();
        var all = string.Join(Path.PathSeparator, paths);
        if (files.Count == 0)
        {
            throw new KubeConfigException($"{all}: no such file");
        }

        var name = context ?? files.Select(file => file.Root.Text("current-context")).FirstOrDefault(text => !string.IsNullOrEmpty(text))
            ?? throw new KubeConfigException($"{all}: current-context is not set: name a context");
        Entry Find(string section, string key, string wanted)
        {
            foreach (var (path, root) in files)
            {
                if (root.Items(section).FirstOrDefault(item => item.Text("name") == wanted)?.Object(key) is { } value)
                {
                    return new Entry(path, value);
                }
            }

            var there = files.SelectMany(file => file.Root.Items(section)).Select(item => item.Text("name"));
            throw new KubeConfigException($"{all}: {section}: there is no {key} \"{wanted}\"; there is: {string.Join(", ", there)}");
        }

        var chosen = Find("contexts", "context", name);
        var cluster = Find("clusters", "cluster", chosen.Value.Text("cluster") ?? "");
        var user = chosen.Value.Text("user") is { Length: > 0 } userName ? Find("users", "user", userName) : null;
        if (!Uri.TryCreate(cluster.Value.Text("server"), UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
        {
            throw new KubeConfigException($"{cluster.File}: clusters: server must be an http or https URL, not \"{cluster.Value.Text("server")}\"");
        }

        return new KubeConfig
        {
            Server = server,
            Context = name,
            Namespace = chosen.Value.Text("namespace") is { Length: > 0 } ns ? ns : "default",
            CertificateAuthorities = Pem(cluster, "certificate-authority") is { } authority ? Authorities(cluster, authority) : null,
            InsecureSkipTlsVerify = cluster.Value.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Value.Text("tls-server-name"),
            ClientCertificate = user is null ? null : Certificate(user),
            Token = user is null ? null : Token(user),
        };
    }

    private static JsonObject Parse(string path)
    {
        try
        {
            return Manifests.Read(path) switch
            {
                [var only] => only,
                var several => throw new KubeConfigException($"{path}: one kubeconfig document is expected, there are {several.Count}"),
            };
        }
        catch (ManifestException failure)
        {
            throw new KubeConfigException(failure.Message, failure);
        }
    }

    private static string? Pem(Entry entry, string key)
    {
        if (entry.Value.Text($"{key}-data") is { Length: > 0 } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException)
            {
                throw new KubeConfigException($"{entry.File}: {key}-data must be base64 of a PEM");
            }
        }

        if (entry.Value.Text(key) is not { Length: > 0 } named)
        {
            return null;
        }

        var path = Beside(entry, named);
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{entry.File}: {key}: {failure.Message}", failure);
        }
    }

    // Relative paths in a kubeconfig are relative to that file.
    private static string Beside(Entry entry, string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(entry.File))!, path);

    private static X509Certificate2Collection Authorities(Entry cluster, string pem)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException failure)
        {
            throw new KubeConfigException($"{cluster.File}: certificate-authority: {failure.Message}", failure);
        }

        return all.Count > 0 ? all : throw new KubeConfigException($"{cluster.File}: certificate-authority holds no certificate in PEM");
    }

    private static X509Certificate2? Certificate(Entry user)
    {
        var certificate = Pem(user, "client-certificate");
        var key = Pem(user, "client-key");
        if (certificate is null || key is null)
        {
            return certificate is null && key is null
                ? null
                : throw new KubeConfigException($"{user.File}: users: client-certificate and client-key belong together");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"{user.File}: users: client-certificate and client-key are no pair in PEM", failure);
        }
    }

    private static ITokenSource? Token(Entry user)
    {
        if (user.Value.Text("token") is { Length: > 0 } token)
        {
            return new StaticToken(token);
        }

        if (user.Value.Text("tokenFile") is { Length: > 0 } file)
        {
            return new FileToken(Beside(user, file));
        }

        if (user.Value.Object("exec") is not { } exec)
        {
            return null;
        }

        var command = exec.Text("command") ?? throw new KubeConfigException($"{user.File}: users: exec has no command");
        return new ExecToken(
            command.Contains('/') ? Beside(user, command) : command,
            exec.At("args") is JsonArray arguments ? [.. arguments.Select(argument => argument?.GetValue<string>() ?? "")] : [],
            exec.Items("env").ToDictionary(pair => pair.Text("name") ?? "", pair => pair.Text("value") ?? ""),
            exec.Text("apiVersion") ?? "client.authentication.k8s.io/v1");
    }
}
