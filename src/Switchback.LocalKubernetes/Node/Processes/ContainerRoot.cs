using System.Text;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>
/// Builds a container's root directory inside its own mount namespace: a private tmpfs with the host's top-level directories bound into it,
/// <c>/tmp</c>, <c>/proc</c> and <c>/sys</c> of its own, and the container's mounts. A mount path that the host does not have is made in the tmpfs, never on the host:
/// where it lies below a directory of the host, that directory is replaced by a tmpfs with the host's entries bound into it.
/// </summary>
internal sealed class ContainerRoot
{
    private readonly string _root;
    private readonly List<string> _fstab = [];
    private readonly List<string> _directories = [];
    private readonly List<string> _files = [];
    private readonly List<(string Link, string Target)> _links = [];
    private readonly HashSet<string> _made = ["/", "/tmp"];
    private readonly Dictionary<string, string> _symbolic = [];

    private ContainerRoot(string root) => _root = root;

    public static string Script(ContainerLaunch launch, string execute)
    {
        var root = new ContainerRoot(Path.Combine(launch.Directory, "root"));
        Directory.CreateDirectory(root._root);
        return root.Build(launch, execute);
    }

    private string Build(ContainerLaunch launch, string execute)
    {
        // What is mounted must be known first: a host directory that holds a new mount point is taken apart instead of bound whole.
        var apart = new HashSet<string>();
        var targets = launch.Mounts.Select(mount => mount with { Target = Resolve(mount.Target) }).OrderBy(mount => mount.Target.Length).ToList();
        var programs = launch.ProgramDirectories.Where(directory => directory.StartsWith("/tmp/", StringComparison.Ordinal)).Distinct();
        foreach (var mount in targets)
        {
            TakeApart(mount.Target, apart);
        }

        BindChildren("/", apart);
        foreach (var program in programs)
        {
            MakeDirectories(program);
            Bind(program, program, readOnly: false);
        }

        foreach (var mount in targets)
        {
            if (targets.FindLast(other => mount.Target.StartsWith(other.Target + "/", StringComparison.Ordinal)) is { } above)
            {
                // A mount inside a mount: the volume above gets the empty place, as a runtime makes it.
                var place = Path.Join(above.Source, mount.Target[above.Target.Length..]);
                if (!Path.Exists(place))
                {
                    Directory.CreateDirectory(place);
                }
            }
            else if (File.Exists(mount.Source) && !Directory.Exists(mount.Source))
            {
                MakeDirectories(Path.GetDirectoryName(mount.Target)!);
                if (!OnHost(mount.Target))
                {
                    _files.Add(_root + mount.Target);
                }
            }
            else
            {
                MakeDirectories(mount.Target);
            }

            Bind(mount.Source, mount.Target, mount.ReadOnly);
        }

        return Compose(launch, execute);
    }

    /// <summary>Every host directory above a mount point that does not exist on the host must be a tmpfs of ours.</summary>
    private static void TakeApart(string target, HashSet<string> apart)
    {
        if (target.StartsWith("/tmp/", StringComparison.Ordinal) || Path.Exists(target))
        {
            return;
        }

        for (var parent = Path.GetDirectoryName(target); parent is { Length: > 1 }; parent = Path.GetDirectoryName(parent))
        {
            if (Directory.Exists(parent))
            {
                apart.Add(parent);
            }
        }
    }

    private void BindChildren(string directory, HashSet<string> apart)
    {
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            var path = entry.FullName;
            if (path is "/tmp" or "/proc" or "/sys")
            {
                continue;
            }

            if (entry.LinkTarget is { } link)
            {
                _links.Add((_root + path, link));
            }
            else if (entry is DirectoryInfo)
            {
                _directories.Add(_root + path);
                _made.Add(path);
                if (apart.Contains(path))
                {
                    BindChildren(path, apart);
                }
                else
                {
                    _fstab.Add($"{ShellText.FstabField(path)} {ShellText.FstabField(_root + path)} none rbind 0 0");
                }
            }
            else if (directory != "/")
            {
                _files.Add(_root + path);
                _fstab.Add($"{ShellText.FstabField(path)} {ShellText.FstabField(_root + path)} none bind 0 0");
            }
        }
    }

    private void MakeDirectories(string path)
    {
        for (var current = path; current is { Length: > 1 } && !OnHost(current) && _made.Add(current); current = Path.GetDirectoryName(current))
        {
            _directories.Add(_root + current);
        }
    }

    /// <summary>Whether the path is there already because a directory of the host is bound over it or above it.</summary>
    private static bool OnHost(string path) => Path.Exists(path) && !path.StartsWith("/tmp", StringComparison.Ordinal);

    private void Bind(string source, string target, bool readOnly) =>
        _fstab.Add($"{ShellText.FstabField(source)} {ShellText.FstabField(_root + target)} none {(readOnly ? "bind,ro" : "bind")} 0 0");

    /// <summary>Follows the host's symbolic links, which the new root has too: <c>/var/run/x</c> is <c>/run/x</c>.</summary>
    private string Resolve(string path)
    {
        var current = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            current = part == ".." ? Path.GetDirectoryName(current) ?? "/" : Path.Combine(current, part);
            if (_symbolic.TryGetValue(current, out var known))
            {
                current = known;
            }
            else if (new DirectoryInfo(current) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                current = _symbolic[current] = target.FullName;
            }
        }

        return current;
    }

    private string Compose(ContainerLaunch launch, string execute)
    {
        var mount = SystemTools.Path("mount");
        var script = new StringBuilder("set -e\n");
        script.Append($"fail() {{ printf '\\000failed preparing the root directory: %s\\n' \"$1\" >&2; exit 128; }}\n");
        script.Append($"{mount} -t tmpfs -o mode=755 switchback {ShellText.Quote(_root)} || fail tmpfs\n");
        script.Append($"cd {ShellText.Quote(_root)}\n");
        _directories.Add(_root + "/proc");
        _directories.Add(_root + "/sys");
        _directories.Add(_root + "/tmp");

        // Directories below a mount of ours (the private /tmp, a volume) can only be made once that is mounted: two rounds.
        var late = _directories.Where(path => path.StartsWith(_root + "/tmp/", StringComparison.Ordinal)).ToList();
        script.Append($"{SystemTools.Path("mkdir")} -p --").AppendJoin("", _directories.Except(late).Select(path => " " + ShellText.Quote(path))).Append(" || fail directories\n");
        script.Append($"{mount} -t tmpfs -o mode=1777 switchback tmp || fail /tmp\n");
        script.Append($"{mount} -t sysfs sysfs sys || fail /sys\n");
        if (Directory.Exists("/sys/fs/cgroup"))
        {
            _fstab.Add($"/sys/fs/cgroup {ShellText.FstabField(_root + "/sys/fs/cgroup")} none rbind 0 0");
        }

        if (late.Count > 0)
        {
            script.Append($"{SystemTools.Path("mkdir")} -p --").AppendJoin("", late.Select(path => " " + ShellText.Quote(path))).Append(" || fail directories\n");
        }

        foreach (var (link, target) in _links)
        {
            script.Append($"{SystemTools.Path("ln")} -s -- {ShellText.Quote(target)} {ShellText.Quote(link)} || fail links\n");
        }

        foreach (var file in _files)
        {
            script.Append($": > {ShellText.Quote(file)} || fail files\n");
        }

        File.WriteAllLines(Path.Combine(launch.Directory, "fstab"), _fstab);
        script.Append($"{mount} -a -T {ShellText.Quote(Path.Combine(launch.Directory, "fstab"))} || fail mounts\n");
        script.Append($"{mount} -t proc proc proc || fail /proc\n");
        var inside = new StringBuilder();
        if (launch.WorkingDirectory is { Length: > 0 } directory)
        {
            // A runtime makes the working directory where the image lacks it.
            inside.Append($"cd {ShellText.Quote(directory)} 2>/dev/null || {{ {SystemTools.Path("mkdir")} -p {ShellText.Quote(directory)} && cd {ShellText.Quote(directory)}; }} || {{ printf '\\000failed chdir to cwd failed\\n' >&2; exit 128; }}\n");
        }
        else
        {
            inside.Append("cd /\n");
        }

        inside.Append(execute);
        script.Append($"exec {SystemTools.Path("chroot")} . /bin/sh -c {ShellText.Quote(inside.ToString())} sh \"$@\"\n");
        return script.ToString();
    }
}
