namespace Switchback;

/// <summary>
/// Ends this process when its parent ends, however that one dies: the parent holds the writing end of our standard input,
/// and the kernel closes it with the parent. Only followed where the parent asks for it, so that a shell's closed input ends nothing.
/// </summary>
internal static class Lifeline
{
    /// <summary>A parent that sets this variable to <c>stdin</c> holds the other end of our standard input until it ends.</summary>
    public const string Variable = "SWITCHBACK_LIFELINE";

    public static void Follow()
    {
        if (Environment.GetEnvironmentVariable(Variable) != "stdin")
        {
            return;
        }

        // Not for our own children: each process that wants a lifeline hands out its own.
        Environment.SetEnvironmentVariable(Variable, null);
        var watcher = new Thread(EndWithParent) { IsBackground = true, Name = "lifeline" };
        watcher.Start();
    }

    private static void EndWithParent()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        while (input.Read(ignored) > 0)
        {
        }

        // The parent may have been killed: there is nobody left to hand anything over to.
        Environment.Exit(ExitCode.CouldNotRun);
    }
}
