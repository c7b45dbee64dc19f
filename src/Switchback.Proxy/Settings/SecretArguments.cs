using System.Globalization;
using System.Text;

namespace Switchback.Proxy.Settings;

/// <summary>
/// Overwrites the values of secret flags in the memory that the kernel shows as this process's command line, so that a process list has them no longer. Until
/// that is done, in the first moment of the process, it has: the environment variables and the JAAS file are better.
/// </summary>
public static class SecretArguments
{
    private static readonly byte[][] Flags =
        [.. new[] { "--sasl-password", "--proxy-listener-key-password", "--tls-client-key-password", "--gssapi-password" }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Hides this process's own; where the kernel does not say where they lie, nothing happens.</summary>
    public static unsafe void Hide()
    {
        // Fields 48 and 49 of proc_pid_stat(5), the first of which after the name in parentheses is the third.
        const int ArgumentsStart = 48 - 3;
        try
        {
            var stat = File.ReadAllText("/proc/self/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var start = nuint.Parse(fields[ArgumentsStart], CultureInfo.InvariantCulture);
            var end = nuint.Parse(fields[ArgumentsStart + 1], CultureInfo.InvariantCulture);
            if (start > 0 && end > start)
            {
                Hide(new Span<byte>((void*)start, checked((int)(end - start))));
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // No /proc here, so there is no process list either.
        }
    }

    /// <summary>Hides the values in a block of arguments that each end with a zero byte.</summary>
    internal static void Hide(Span<byte> arguments)
    {
        var valueFollows = false;
        while (!arguments.IsEmpty)
        {
            var length = arguments.IndexOf((byte)0);
            var argument = length < 0 ? arguments : arguments[..length];
            if (valueFollows)
            {
                argument.Fill((byte)'*');
                valueFollows = false;
            }
            else
            {
                foreach (var flag in Flags)
                {
                    if (argument.SequenceEqual(flag))
                    {
                        valueFollows = true;
                    }
                    else if (argument.StartsWith(flag) && argument[flag.Length] is (byte)'=' or (byte)':')
                    {
                        argument[(flag.Length + 1)..].Fill((byte)'*');
                    }
                }
            }

            arguments = length < 0 ? [] : arguments[(length + 1)..];
        }
    }
}
