using System.Globalization;

namespace Switchback.Drills.Running.Faults;

/// <summary>The processes below one, by <c>/proc</c>.</summary>
internal static class ProcessTree
{
    public static IReadOnlyList<int> Below(int process)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Parent: ParentOf(id)))
            .ToLookup(known => known.Parent, known => known.Id);
        var found = new List<int>();
        var next = new Queue<int>([process]);
        while (next.TryDequeue(out var id))
        {
            found.AddRange(children[id]);
            children[id].ToList().ForEach(next.Enqueue);
        }

        return found;
    }

    private static int ParentOf(int process)
    {
        try
        {
            // The name may hold anything, its closing bracket is the last one: state and parent follow it.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // Gone between the list and now.
            return 0;
        }
    }
}
