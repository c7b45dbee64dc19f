using System.Globalization;
using System.Text;

namespace Switchback.Proxy.Settings;

/// <summary>The table of flags in the documentation, written from <see cref="ProxyFlags"/> so that it cannot disagree with the code.</summary>
internal static class FlagTable
{
    /// <summary>Markdown, a row a flag.</summary>
    public static string Markdown()
    {
        var table = new StringBuilder("| flag | default | followed | what it does |\n|---|---|---|---|\n");
        foreach (var flag in ProxyFlags.All)
        {
            var followed = flag.Support switch
            {
                ProxyFlagSupport.Yes => "yes",
                ProxyFlagSupport.NoEffect => "accepted, no effect",
                _ => "no: said at the start, exit 2",
            };
            table.Append(CultureInfo.InvariantCulture, $"| `{flag.Name}` | {(flag.Default.Length > 0 ? $"`{flag.Default}`" : "")} | {followed} | {flag.Help.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return table.ToString();
    }
}
