namespace Switchback.Broker.Tests.Faults;

/// <summary>A file system of a few megabytes that only the program on it sees; it ends with the program.</summary>
internal static class SmallDisk
{
    private const string Mount = "mkdir -p \"$1\" && mount -t tmpfs -o size=6m small \"$1\" && shift && exec \"$@\"";

    private static readonly string[] Unshare = Environment.IsPrivilegedProcess ? ["unshare", "--mount"] : ["unshare", "--user", "--map-root-user", "--mount"];

    /// <summary>Skips the test where this machine does not let us mount.</summary>
    public static async Task RequireAsync()
    {
        Tool.Require("unshare");
        var folder = Directory.CreateTempSubdirectory("switchback-mount-").FullName;
        var tried = await Tool.RunAsync("/usr/bin/env", Wrap(folder, ["true"]));
        Directory.Delete(folder);
        Assert.SkipUnless(tried.ExitCode == 0, "no file system can be mounted here: " + tried.Errors.Trim());
    }

    /// <summary>The words that run a program with such a file system at a folder.</summary>
    public static string[] Wrap(string folder, string[] program) => [.. Unshare, "sh", "-c", Mount, "sh", folder, .. program];
}
