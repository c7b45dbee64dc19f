namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>Quoting for the POSIX shell and for fstab, the two languages in which a launch is written down.</summary>
internal static class ShellText
{
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>fstab separates by blanks and escapes them in octal.</summary>
    public static string FstabField(string path) => path
        .Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal)
        .Replace("\n", "\\012", StringComparison.Ordinal)
        .Replace("#", "\\043", StringComparison.Ordinal);
}
