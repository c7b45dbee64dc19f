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
    private readonly bool _readOnly;
    private readonly List<string> _fstab = [];
    private readonly List<string> _directories = [];
    private readonly List<string> _files = [];
    private readonly List<(string Link, string Target)> _links = [];
    private readonly HashSet<string> _made = ["/", "/tmp"];
    private readonly Dictionary<string, string> _symbolic = [];

    private ContainerRoot(string root, bool readOnly)
    {
        _root = root;
        _readOnly = readOnly;
    }

    public static string Script(ContainerLaunch launch, string execute)
    {
        var root = new ContainerRoot(Path.Combine(launch.Directory, "root"), launch.Privileges?.ReadOnlyRoot == true);
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

        if (launch.Privileges?.User is not null)
        {
            // Programs may lie below a directory that is root's alone.
            apart.UnionWith(launch.ProgramDirectories.SelectMany(Closed));
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

    /// <summary>The directories above a path, and itself, that other users cannot pass.</summary>
    private static IEnumerable<string> Closed(string path)
    {
        var closed = false;
        List<string> above = [];
        for (var current = path; current is { Length: > 1 } && Directory.Exists(current); current = Path.GetDirectoryName(current))
        {
            closed |= !File.GetUnixFileMode(current).HasFlag(UnixFileMode.OtherExecute);
            if (closed)
            {
                above.Add(current);
            }
        }

        return above;
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
                    _fstab.Add($"{ShellText.FstabField(path)} {ShellText.FstabField(_root + path)} none {(_readOnly ? "rbind,ro" : "rbind")} 0 0");
                }
            }
            else if (directory != "/")
            {
                _files.Add(_root + path);
                _fstab.Add($"{ShellText.FstabField(path)} {ShellText.FstabField(_root + path)} none {(_readOnly ? "bind,ro" : "bind")} 0 0");
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

    /// <summary>Whether a path is below a mount of ours (the private /tmp): it can only be made once that is mounted.</summary>
    private bool IsLate(string path) => path.StartsWith(_root + "/tmp/", StringComparison.Ordinal);

    /// <summary>The empty directories, files and links of the root, on the host, to be copied into the tmpfs at once.</summary>
    private string WriteSkeleton(ContainerLaunch launch)
    {
        var skeleton = Path.Combine(launch.Directory, "skeleton");
        if (Directory.Exists(skeleton))
        {
            Directory.Delete(skeleton, recursive: true);
        }

        string Place(string path) => skeleton + path[_root.Length..];
        Directory.CreateDirectory(skeleton);
        File.SetUnixFileMode(skeleton, (UnixFileMode)0b111_101_101);
        foreach (var directory in _directories.Where(directory => !IsLate(directory)))
        {
            Directory.CreateDirectory(Place(directory));
        }

        foreach (var (link, target) in _links)
        {
            File.CreateSymbolicLink(Place(link), target);
        }

        foreach (var file in _files.Where(file => !IsLate(file)))
        {
            File.WriteAllBytes(Place(file), []);
        }

        return skeleton;
    }

    private string Compose(ContainerLaunch launch, string execute)
    {
        var mount = SystemTools.Path("mount");
        var script = new StringBuilder("set -e\n");
        script.Append($"fail() {{ printf '\\000failed preparing the root directory: %s\\n' \"$1\" >&2; exit 128; }}\n");
        script.Append($"{mount} -t tmpfs -o mode=755 switchback {ShellText.Quote(_root)} || fail tmpfs\n");
        script.Append($"cd {ShellText.Quote(_root)}\n");
        _directories.AddRange([_root + "/proc", _root + "/sys", _root + "/tmp"]);

        script.Append($"{SystemTools.Path("cp")} -a {ShellText.Quote(WriteSkeleton(launch) + "/.")} . || fail directories\n");
        List<string> own = [$"sysfs {ShellText.FstabField(_root + "/sys")} sysfs defaults 0 0", $"proc {ShellText.FstabField(_root + "/proc")} proc defaults 0 0"];
        var temporary = $"switchback {ShellText.FstabField(_root + "/tmp")} tmpfs mode=1777 0 0";
        if (_directories.Concat(_files).Any(IsLate))
        {
            script.Append($"{mount} -t tmpfs -o mode=1777 switchback tmp || fail /tmp\n");
            script.Append($"{SystemTools.Path("mkdir")} -p -- tmp").AppendJoin("", _directories.Where(IsLate).Select(path => " " + ShellText.Quote(path))).Append(" || fail directories\n");
            script.AppendJoin("", _files.Where(IsLate).Select(file => $": > {ShellText.Quote(file)} || fail files\n"));
        }
        else
        {
            own.Add(temporary);
        }

        if (Directory.Exists("/sys/fs/cgroup"))
        {
            own.Add($"/sys/fs/cgroup {ShellText.FstabField(_root + "/sys/fs/cgroup")} none rbind 0 0");
        }

        // One program for all of them: starting programs is what a small container's start is made of.
        File.WriteAllLines(Path.Combine(launch.Directory, "fstab"), own.Concat(_fstab));
        script.Append($"{mount} -a -T {ShellText.Quote(Path.Combine(launch.Directory, "fstab"))} || fail mounts\n");
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
        if (_readOnly)
        {
            script.Append($"{mount} -o remount,ro tmp && {mount} -o remount,ro {ShellText.Quote(_root)} || fail read-only\n");
        }

        script.Append($"exec {SystemTools.Path("chroot")} . /bin/sh -c {ShellText.Quote(inside.ToString())} sh \"$@\"\n");
        return script.ToString();
    }
}
