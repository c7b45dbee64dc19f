using System.Globalization;

namespace Switchback.Bench;

/// <summary>
/// The proportional set size (PSS) of a process and all that descend from it: memory they share is counted once. Sampled twice a second, because
/// the kernel walks every page for it.
/// </summary>
internal sealed class MemoryWatch(int root)
{
    /// <summary>The largest sum seen, in MB of 1,000,000 bytes.</summary>
    public double PeakMegabytes { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                PeakMegabytes = Math.Max(PeakMegabytes, Family().Sum(ProcessUsage.PssBytes) / 1e6);
            }
        }
        catch (OperationCanceledException)
        {
            // Measured to the end.
        }
    }

    private List<int> Family()
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ParentOf(id) is { } parent)
            {
                parents[id] = parent;
            }
        }

        return [.. parents.Keys.Where(Descends)];

        bool Descends(int id)
        {
            while (id != root)
            {
                if (!parents.TryGetValue(id, out id))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private static int? ParentOf(int id)
    {
        var stat = Read($"/proc/{id}/stat");
        var end = stat.LastIndexOf(')');
        return end < 0 ? null : int.Parse(stat[(end + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It ended between the listing and the look.
            return "";
        }
    }
}
