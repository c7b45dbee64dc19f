namespace Switchback.Drills.Running;

/// <summary>The drill could not run: a part is missing or did not start. The message is the one clear line for the user.</summary>
public sealed class DrillException : Exception
{
    /// <summary>Creates the exception with the line that the user reads.</summary>
    public DrillException(string message)
        : base(message)
    {
    }
}
