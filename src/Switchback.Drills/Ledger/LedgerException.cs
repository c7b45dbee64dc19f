namespace Switchback.Drills.Ledger;

/// <summary>An observation could not be written down: whatever is counted from here on would be wrong, so the drill ends. The message is the line the user reads.</summary>
public sealed class LedgerException : Exception
{
    /// <summary>Creates the exception with the system's own reason.</summary>
    public LedgerException(string message)
        : base($"the ledger cannot be written: {message}")
    {
    }
}
