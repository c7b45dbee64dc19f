using System.Text;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>
/// Writes the shell script under which a container runs. It keeps the process id from the platform's fork to the program itself
/// (or to the <c>unshare</c> above it), and leaves beside it one small watcher, which holds the reading end of a pipe from the platform:
/// <code>
///   platform --fork--> sh -exec-> (nsenter, unshare) -exec-> program      the container
///        \                \--fork--> sh: read the pipe; at its end kill the group
///         \__ writing end of the pipe: closed by the kernel however the platform ends
/// </code>
/// With namespaces the program is process 1 of its own, so that nothing it forked outlives it.
/// </summary>
internal static class LaunchScript
{
    /// <summary>First bytes on standard error once everything is prepared and the program is about to be executed.</summary>
    public const string StartedMark = "\0started\n";

    /// <summary>First bytes on standard error where the program cannot be executed; the reason follows to the end of the line.</summary>
    public const string FailedMark = "\0failed ";

    /// <summary>The environment variable that names the container in each of its processes, where no process namespace holds them together.</summary>
    public const string ContainerMark = "SWITCHBACK_CONTAINER";

    /// <summary>
    /// At the end of the pipe the watcher kills the process group, itself included. While it lives the group's id cannot be given to another,
    /// so a late kill never meets a stranger. Standard output and error are closed in it, for a reader of them to see the container's end.
    /// </summary>
    private const string Watcher = """
        exec 3<&0 </dev/null
        ( trap '' TERM INT HUP QUIT; exec >/dev/null 2>&1; read -r x <&3; kill -KILL 0 ) &
        exec 3<&-

        """;

    /// <summary>
    /// Without a process namespace a program can leave its group; those are found by the mark in their environment.
    /// The watcher itself runs with an empty environment, for it not to find itself.
    /// </summary>
    private const string SearchingWatcher = """
        exec 3<&0 </dev/null
        ( trap '' TERM INT HUP QUIT; exec >/dev/null 2>&1; exec /usr/bin/env -i /bin/sh -c '
            read -r x <&3
            for file in $(PATH=/usr/bin:/bin grep -lszFx "$1" /proc/[0-9]*/environ); do pid=${file#/proc/}; kill -KILL "${pid%/environ}"; done
            kill -KILL 0' watcher "@MARK@" ) &
        exec 3<&-

        """;

    /// <summary>The last step: <c>"$@"</c> is the program; what it lacks is said in the words of a container runtime.</summary>
    private const string Execute = """
        case "$1" in
          */*) if [ -d "$1" ] || ! [ -x "$1" ]; then printf '\000failed exec: "%s": stat %s: no such file or directory\n' "$1" "$1" >&2; exit 128; fi ;;
          *) if ! command -v -- "$1" >/dev/null; then printf '\000failed exec: "%s": executable file not found in $PATH\n' "$1" >&2; exit 128; fi ;;
        esac
        printf '\000started\n' >&2
        exec @PRIVILEGES@ "$@"

        """;

    /// <summary>Writes the scripts into the launch's directory and returns the path of the one to run.</summary>
    public static string Write(ContainerLaunch launch)
    {
        Directory.CreateDirectory(launch.Directory);
        var path = Path.Combine(launch.Directory, "launch.sh");
        var script = new StringBuilder();
        if (launch.SandboxProcessId is { } sandbox)
        {
            script.Append(Watcher);
            var inner = Path.Combine(launch.Directory, "root.sh");
            File.WriteAllText(inner, ContainerRoot.Script(launch, ExecuteWith(launch.Privileges?.Command() ?? [])));
            script.Append($"exec {SystemTools.Path("nsenter")} -t {sandbox} --net --uts {SystemTools.Path("unshare")} --mount --pid --fork --kill-child=KILL /bin/sh ")
                .Append(ShellText.Quote(inner)).Append(" \"$@\"\n");
        }
        else
        {
            script.Append(!launch.IsCommand && launch.Environment.TryGetValue(ContainerMark, out var id)
                ? SearchingWatcher.Replace("@MARK@", $"{ContainerMark}={id}", StringComparison.Ordinal)
                : Watcher);
            if (launch.WorkingDirectory is { Length: > 0 } directory)
            {
                script.Append($"cd {ShellText.Quote(directory)} 2>/dev/null || {{ printf '\\000failed chdir to cwd failed: no such file or directory\\n' >&2; exit 128; }}\n");
            }

            script.Append(ExecuteWith([]));
        }

        File.WriteAllText(path, script.ToString());
        return path;
    }

    private static string ExecuteWith(IReadOnlyList<string> privileges) =>
        Execute.Replace("@PRIVILEGES@ ", string.Concat(privileges.Select(word => ShellText.Quote(word) + " ")), StringComparison.Ordinal);
}
