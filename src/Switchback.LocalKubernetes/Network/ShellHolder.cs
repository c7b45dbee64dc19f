using System.Diagnostics;
using System.Globalization;
using System.Text;
using Switchback.LocalKubernetes.Node.Processes;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// A small shell that keeps a namespace alive and works in it: it runs the lines it is given on its standard input and answers each
/// with its exit code. At the end of the input - this process disposes it, or ends - it ends, and the namespace with it.
/// </summary>
internal sealed class ShellHolder : IAsyncDisposable
{
    private const string Loop = "trap '' TERM INT HUP QUIT; while read -r line; do eval \"$line\" </dev/null 2>&1; printf '\\n%s %s\\n' '=done=' $?; done";

    private static readonly Dictionary<string, string> Environment = new() { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C" };

    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);

    private ShellHolder(Process process) => _process = process;

    public int ProcessId => _process.Id;

    /// <summary>Starts the shell, under <c>unshare</c> with the given options where there are any.</summary>
    public static ShellHolder Start(params string[] unshareOptions) => new(ChildProcess.Start(
        unshareOptions.Length == 0 ? ["/bin/sh", "-c", Loop] : [SystemTools.Path("unshare"), .. unshareOptions, "/bin/sh", "-c", Loop], Environment));

    /// <summary>Runs one line.</summary>
    /// <exception cref="NetworkException">It failed; the message holds what it said.</exception>
    public async Task RunAsync(string line, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await _process.StandardInput.WriteLineAsync(line.AsMemory(), CancellationToken.None);
            await _process.StandardInput.FlushAsync(CancellationToken.None);
            var said = new StringBuilder();
            while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } answer)
            {
                if (answer.StartsWith("=done= ", StringComparison.Ordinal))
                {
                    if (int.Parse(answer.AsSpan("=done= ".Length), CultureInfo.InvariantCulture) == 0)
                    {
                        return;
                    }

                    throw new NetworkException($"{line}: {said.ToString().Trim()}");
                }

                said.AppendLine(answer);
            }

            throw new NetworkException($"{line}: {(await _process.StandardError.ReadToEndAsync(CancellationToken.None)).Trim()}");
        }
        catch (IOException exception)
        {
            throw new NetworkException($"{line}: {exception.Message}");
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before us.
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _turn.Dispose();
    }
}
