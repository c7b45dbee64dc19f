namespace Switchback.Drills.Scenarios;

/// <summary>What can be done to a part of a drill.</summary>
internal enum FaultKind
{
    /// <summary><c>crash</c>: kill -9. Undone by <c>start</c>, on the same disk.</summary>
    Crash,

    /// <summary><c>freeze</c>: SIGSTOP; connections stay open and nothing answers. Undone by <c>thaw</c>.</summary>
    Freeze,

    /// <summary><c>cut</c>: what is sent to a cluster, from it, or both, does not arrive. Undone by <c>heal</c>.</summary>
    Cut,

    /// <summary><c>fill-disk</c>: every write to a file fails. Undone by <c>free-disk</c>.</summary>
    DiskFull,

    /// <summary><c>power-loss</c>: kill -9, and what was not forced to disk is gone. Undone by <c>start</c>.</summary>
    PowerLoss,

    /// <summary><c>destroy</c>: kill -9, and the disk is gone. <c>start</c> brings an empty cluster.</summary>
    Destroyed,
}

/// <summary>How the kinds of fault are called in scenario files, and in verdicts.</summary>
internal static class FaultNames
{
    /// <summary>The mirror as the target of a fault.</summary>
    public const string Mirror = "mirror";

    /// <summary>The Kubernetes platform, and all pods with it, as the target of a fault.</summary>
    public const string Platform = "platform";

    private static readonly (FaultKind Kind, string Step, string Undoing, string Verdict, string State)[] All =
    [
        (FaultKind.Crash, "crash", "start", "crash", "killed"),
        (FaultKind.Freeze, "freeze", "thaw", "freeze", "frozen"),
        (FaultKind.Cut, "cut", "heal", "cut", "cut off"),
        (FaultKind.DiskFull, "fill-disk", "free-disk", "disk-full", "without room on its disk"),
        (FaultKind.PowerLoss, "power-loss", "start", "power-loss", "without power"),
        (FaultKind.Destroyed, "destroy", "start", "destroyed", "destroyed"),
    ];

    /// <summary>Every step that does something to a part.</summary>
    public static IEnumerable<string> Steps => All.Select(fault => fault.Step);

    /// <summary>Every step that undoes it.</summary>
    public static IEnumerable<string> Undoings => All.Select(fault => fault.Undoing).Distinct();

    public static FaultKind? KindOf(string step) => Array.Find(All, fault => fault.Step == step) is { Step: not null } found ? found.Kind : null;

    /// <summary>The step that undoes a fault, such as <c>start</c>.</summary>
    public static string Undoing(FaultKind kind) => Of(kind).Undoing;

    /// <summary>What <c>fault</c> of a verdict says.</summary>
    public static string Verdict(FaultKind kind) => Of(kind).Verdict;

    /// <summary>What a part is after it, such as <c>frozen</c>.</summary>
    public static string State(FaultKind kind) => Of(kind).State;

    /// <summary>Whether a part other than a cluster can have it.</summary>
    public static bool FitsProcesses(FaultKind kind) => kind is FaultKind.Crash or FaultKind.Freeze;

    private static (FaultKind Kind, string Step, string Undoing, string Verdict, string State) Of(FaultKind kind) => Array.Find(All, fault => fault.Kind == kind);
}

/// <summary>Whose connections to a cluster are cut, and which way.</summary>
/// <param name="Clients">Those of the applications and their proxies.</param>
/// <param name="Mirror">Those of the mirror.</param>
/// <param name="Direction">Which way nothing arrives any more.</param>
internal sealed record NetworkCut(bool Clients, bool Mirror, CutDirection Direction)
{
    public override string ToString()
    {
        var whose = (Clients, Mirror) switch { (true, true) => "everyone", (true, false) => "the clients", _ => "the mirror" };
        return Direction switch
        {
            CutDirection.Requests => $"nothing from {whose} arrives",
            CutDirection.Responses => $"nothing arrives at {whose}",
            _ => $"cut off from {whose}",
        };
    }
}

/// <summary>Which way nothing arrives.</summary>
internal enum CutDirection
{
    Both,

    /// <summary>To the cluster.</summary>
    Requests,

    /// <summary>From the cluster.</summary>
    Responses,
}
