namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>Where util-linux and iproute2 keep their programs, found once; containers' environments must not decide which is run.</summary>
internal static class SystemTools
{
    private static readonly string[] Directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];
    private static readonly Dictionary<string, string?> Found = new[] { "ip", "unshare", "nsenter", "mount", "mkdir", "cp", "setsid", "chroot", "setpriv", "touch", "rm" }
        .ToDictionary(name => name, name => Directories.Select(directory => System.IO.Path.Combine(directory, name)).FirstOrDefault(File.Exists));

    /// <summary>The tool's path; its bare name where it is not installed, so that running it gives the system's own error.</summary>
    public static string Path(string name) => Found[name] ?? name;

    public static bool Has(string name) => Found[name] is not null;
}
