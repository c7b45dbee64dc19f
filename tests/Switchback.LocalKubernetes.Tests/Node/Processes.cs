namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>What /proc says of the processes of this machine.</summary>
internal static class Processes
{
    public static IReadOnlyList<int> WithCommandLine(string part)
    {
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var id))
            {
                continue;
            }

            try
            {
                if (File.ReadAllText(directory + "/cmdline").Contains(part, StringComparison.Ordinal))
                {
                    found.Add(id);
                }
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return found;
    }
}
