namespace Switchback;

/// <summary>What every subcommand answers to its shell.</summary>
internal static class ExitCode
{
    /// <summary>It ran, and it holds.</summary>
    public const int Holds = 0;

    /// <summary>It ran, and a bar does not hold.</summary>
    public const int DoesNotHold = 1;

    /// <summary>It could not run: bad input or a missing part, said in one clear line on stderr.</summary>
    public const int CouldNotRun = 2;
}
