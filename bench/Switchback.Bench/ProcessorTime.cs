using System.Globalization;

namespace Switchback.Bench;

/// <summary>
/// What the host of a virtual machine takes of its processors: time in which something was to run here and another guest ran instead. Two runs between which it differs are not to be compared.
/// </summary>
public sealed class ProcessorTime
{
    // The columns of proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. What guests of our own take is in user already.
    private const int Counted = 8;
    private const int Steal = 7;
    private readonly long[]? began = Read();

    /// <summary>The share of all processors' time that was taken since this object was made, 0 to 1; null where the kernel does not tell.</summary>
    public double? TakenByHost
    {
        get
        {
            if (began is null || Read() is not { } now)
            {
                return null;
            }

            var passed = now.Sum() - began.Sum();
            return passed <= 0 ? null : (double)(now[Steal] - began[Steal]) / passed;
        }
    }

    private static long[]? Read()
    {
        try
        {
            var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > Counted ? [.. fields[1..(Counted + 1)].Select(field => long.Parse(field, CultureInfo.InvariantCulture))] : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
