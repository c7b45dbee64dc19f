namespace Switchback.Reloader.Deciding;

/// <summary>Why a workload is or is not rolled for a resource.</summary>
internal enum Verdict
{
    Ignored,
    Excluded,
    Named,
    Searched,
    Auto,
    NotConcerned,
}

/// <summary>The decision, in the order users know from stakater/Reloader. Pure.</summary>
internal static class Decision
{
    /// <param name="rules">What the workload asks for.</param>
    /// <param name="resource">The ConfigMap or Secret in question.</param>
    /// <param name="traits">What the resource's own annotations say.</param>
    /// <param name="referenced">Whether one of the workload's containers uses it.</param>
    public static Verdict Decide(WorkloadRules rules, ResourceRef resource, ResourceTraits traits, bool referenced)
    {
        if (traits.HasFlag(ResourceTraits.Ignore))
        {
            return Verdict.Ignored;
        }

        if (rules.IsExcluded(resource))
        {
            return Verdict.Excluded;
        }

        if (rules.IsNamed(resource))
        {
            return Verdict.Named;
        }

        if (referenced && rules.IsSearching(resource.Kind) && traits.HasFlag(ResourceTraits.Match))
        {
            return Verdict.Searched;
        }

        return referenced && rules.IsAuto(resource.Kind) ? Verdict.Auto : Verdict.NotConcerned;
    }

    public static bool Concerns(this Verdict verdict) => verdict is Verdict.Named or Verdict.Searched or Verdict.Auto;
}

/// <summary>What a ConfigMap or Secret says about itself.</summary>
[Flags]
internal enum ResourceTraits
{
    None = 0,
    Ignore = 1,
    Match = 2,
}
