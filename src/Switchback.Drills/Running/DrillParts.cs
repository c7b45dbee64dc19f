namespace Switchback.Drills.Running;

/// <summary>Where the programs of a drill are.</summary>
/// <param name="Program">The switchback binary, whose subcommands are the parts.</param>
internal sealed record DrillParts(string Program)
{
    /// <summary>Set to <c>stdin</c>, a part ends when its standard input does, and so with its parent.</summary>
    public const string LifelineVariable = "SWITCHBACK_LIFELINE";
}
