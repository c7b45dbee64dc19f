namespace Switchback.EndToEnd.Tests;

/// <summary>What a drill could leave behind on a machine, a line each. Others use the machine at the same time: what is theirs is told apart.</summary>
internal static class MachineState
{
    private const string Listener = "listener";

    /// <summary>Network interfaces, mounts, named network namespaces, and every listening port with the socket behind it.</summary>
    public static IReadOnlySet<string> Now() =>
        Directory.EnumerateDirectories("/sys/class/net").Select(path => $"interface {Path.GetFileName(path)}")
            .Concat(File.ReadLines("/proc/self/mounts").Select(line => $"mount {line}"))
            .Concat((Directory.Exists("/run/netns") ? Directory.EnumerateFileSystemEntries("/run/netns") : []).Select(path => $"namespace {path}"))
            .Concat(Listeners().Select(Describe)).ToHashSet();

    /// <summary>What came since <paramref name="before"/>; of the listening ports only those that <paramref name="processes"/> hold.</summary>
    public static IReadOnlySet<string> HeldBy(IEnumerable<int> processes, IReadOnlySet<string> before)
    {
        var sockets = processes.SelectMany(SocketsOf).ToHashSet();
        return Now().Except(before).Where(line => !line.StartsWith(Listener, StringComparison.Ordinal))
            .Concat(Listeners().Where(socket => sockets.Contains(socket.Inode)).Select(Describe)).ToHashSet();
    }

    public static IEnumerable<int> Descendants(int process)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && ParentOf(id) is { } parent)
            {
                (children.TryGetValue(parent, out var known) ? known : children[parent] = []).Add(id);
            }
        }

        var found = new List<int>();
        var next = new Queue<int>([process]);
        while (next.TryDequeue(out var id))
        {
            foreach (var child in children.GetValueOrDefault(id) ?? [])
            {
                found.Add(child);
                next.Enqueue(child);
            }
        }

        return found;
    }

    public static bool IsAlive(int process) => Stat(process) is { } stat && stat.State != 'Z';

    public static string NameOf(int process) => Stat(process) is { } stat ? $"{process} {stat.Name}" : $"{process}";

    private static int? ParentOf(int process) => Stat(process)?.Parent;

    private static (string Name, char State, int Parent)? Stat(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var end = stat.LastIndexOf(')');
            var fields = stat[(end + 2)..].Split(' ');
            return (stat[(stat.IndexOf('(') + 1)..end], fields[0][0], int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string Describe((string Address, string Inode) socket) => $"{Listener} {socket.Address} socket {socket.Inode}";

    private static IEnumerable<(string Address, string Inode)> Listeners() =>
        new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists)
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A")
            .Select(fields => (fields[1], fields[9]));

    private static IEnumerable<string> SocketsOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{process}/fd").Select(path => new FileInfo(path).LinkTarget)
                .Where(target => target?.StartsWith("socket:[", StringComparison.Ordinal) is true).Select(target => target!["socket:[".Length..^1])];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
