using System.Globalization;
using System.Runtime.InteropServices;

namespace Switchback.LocalKubernetes.Node.Volumes;

/// <summary>One file of a volume whose content comes from the API.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record VolumeFile(string Path, byte[] Content, UnixFileMode Mode);

/// <summary>
/// Writes a volume's files so that a reader sees all of the old or all of the new: they live in a directory with a timestamp for a name, to which
/// <c>..data</c> points, and each visible name is a link through <c>..data</c>. An update writes a new directory and swaps <c>..data</c> by a rename.
/// </summary>
internal static class AtomicDirectory
{
    private const string Data = "..data";

    /// <summary>Makes the directory hold exactly these files; does nothing where it does already.</summary>
    /// <returns>Whether anything changed.</returns>
    public static bool Write(string directory, IReadOnlyCollection<VolumeFile> files)
    {
        Directory.CreateDirectory(directory);
        var data = Path.Combine(directory, Data);
        var previous = new DirectoryInfo(data).LinkTarget;
        if (previous is not null && IsSame(Path.Combine(directory, previous), files))
        {
            return false;
        }

        var name = DateTime.UtcNow.ToString("'..'yyyy_MM_dd_HH_mm_ss.", CultureInfo.InvariantCulture) + Random.Shared.Next().ToString(CultureInfo.InvariantCulture);
        var target = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        foreach (var file in files)
        {
            var path = Path.Combine(target, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
            File.SetUnixFileMode(path, file.Mode);
        }

        var swap = Path.Combine(directory, "..data_tmp");
        File.Delete(swap);
        File.CreateSymbolicLink(swap, name);
        Rename(swap, data);
        Link(directory, files.Select(file => file.Path.Split('/')[0]).ToHashSet());
        if (previous is not null)
        {
            Directory.Delete(Path.Combine(directory, previous), recursive: true);
        }

        return true;
    }

    /// <summary>The framework's move follows links; only the system call swaps one in a single step.</summary>
    private static void Rename(string from, string to)
    {
        if (RenameFile(from, to) != 0)
        {
            throw new IOException($"cannot rename {from} to {to}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int RenameFile([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    private static void Link(string directory, HashSet<string> visible)
    {
        foreach (var name in visible.Where(name => !Path.Exists(Path.Combine(directory, name)) && new FileInfo(Path.Combine(directory, name)).LinkTarget is null))
        {
            File.CreateSymbolicLink(Path.Combine(directory, name), Data + "/" + name);
        }

        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos().Where(entry =>
            entry.LinkTarget?.StartsWith(Data + "/", StringComparison.Ordinal) == true && !visible.Contains(entry.Name)))
        {
            File.Delete(entry.FullName);
        }
    }

    private static bool IsSame(string directory, IReadOnlyCollection<VolumeFile> files) =>
        Directory.Exists(directory)
        && Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Count() == files.Count
        && files.All(file => File.Exists(Path.Combine(directory, file.Path))
            && File.GetUnixFileMode(Path.Combine(directory, file.Path)) == file.Mode
            && file.Content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(directory, file.Path))));
}
