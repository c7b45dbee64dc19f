using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>The moments of a drill that outages and progress are measured by, in milliseconds since it began; infinite where there was no such moment.</summary>
internal sealed class Course
{
    public Course(DrillEvidence evidence)
    {
        Phases = evidence.Phases;
        DisasterMs = StartOf(PhaseNames.Disaster);
        FailoverMs = StartOf(PhaseNames.Failover);
        FailbackMs = evidence.Steps.Where(step => step.Kind == StepKind.Switch && step.StartedMs >= StartOf(PhaseNames.Failback))
            .Select(step => step.StartedMs).DefaultIfEmpty(StartOf(PhaseNames.Failback)).Min();
        EndMs = Phases.Select(phase => phase.EndedMs).Concat(evidence.Steps.Select(step => step.EndedMs)).DefaultIfEmpty(0).Max();
        FailoverTarget = TargetIn(evidence, FailoverMs, FailbackMs);
        FailbackTarget = TargetIn(evidence, FailbackMs, double.PositiveInfinity);
    }

    public IReadOnlyList<PhaseFact> Phases { get; }

    public double DisasterMs { get; }

    public double FailoverMs { get; }

    /// <summary>When clients were ordered back; bringing the lost cluster back comes before it, in the same phase.</summary>
    public double FailbackMs { get; }

    public double EndMs { get; }

    /// <summary>The cluster that the failover went to.</summary>
    public string? FailoverTarget { get; }

    public string? FailbackTarget { get; }

    public bool Has(string phase) => Phases.Any(known => known.Name == phase);

    public string PhaseAt(double ms) =>
        Phases.LastOrDefault(phase => phase.StartedMs <= ms)?.Name ?? (Phases.Count > 0 ? Phases[0].Name : PhaseNames.Steady);

    private double StartOf(string name) => Phases.FirstOrDefault(phase => phase.Name == name)?.StartedMs ?? double.PositiveInfinity;

    private static string? TargetIn(DrillEvidence evidence, double from, double until) =>
        evidence.Steps.LastOrDefault(step => step.Kind == StepKind.Switch && step.StartedMs >= from && step.StartedMs < until)?.Cluster;
}
