namespace Switchback.Drills.Checking;

/// <summary>A transaction as its application told of it.</summary>
internal sealed class Transaction
{
    /// <summary>When its commit was about to be asked for; null where it never was.</summary>
    public double? CommittingMs { get; set; }

    public bool IsCommitted { get; set; }

    public bool IsAborted { get; set; }
}
