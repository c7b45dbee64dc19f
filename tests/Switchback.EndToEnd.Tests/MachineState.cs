namespace Switchback.EndToEnd.Tests;

/// <summary>What a drill could leave behind on a machine.</summary>
internal sealed record MachineState(IReadOnlySet<string> Interfaces, IReadOnlySet<string> Mounts, IReadOnlySet<string> NamedNamespaces, IReadOnlySet<string> Listening)
{
    public static MachineState Now() => new(
        Directory.EnumerateDirectories("/sys/class/net").Select(path => Path.GetFileName(path)).ToHashSet(),
        File.ReadLines("/proc/self/mounts").ToHashSet(),
        (Directory.Exists("/run/netns") ? Directory.EnumerateFileSystemEntries("/run/netns") : []).ToHashSet(),
        Ports().ToHashSet());

    /// <summary>What is there now and was not then.</summary>
    public IEnumerable<string> Since(MachineState then) =>
        Interfaces.Except(then.Interfaces).Select(name => $"interface {name}")
            .Concat(Mounts.Except(then.Mounts).Select(line => $"mount {line}"))
            .Concat(NamedNamespaces.Except(then.NamedNamespaces).Select(name => $"namespace {name}"))
            .Concat(Listening.Except(then.Listening).Select(port => $"listener {port}"));

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

    private static IEnumerable<string> Ports() =>
        new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists)
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A")
            .Select(fields => fields[1]);
}
