using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Rolling;

/// <summary>A workload that something can roll, between its versions.</summary>
internal sealed class TrackedWorkload(WorkloadView view, long since)
{
    /// <summary>Its last version seen.</summary>
    public WorkloadView View { get; set; } = view;

    /// <summary>When it was first seen.</summary>
    public long Since { get; } = since;

    /// <summary>What its pods run with, for what is not written on it yet.</summary>
    public IReadOnlyDictionary<ResourceRef, string> Baseline { get; set; } = new Dictionary<ResourceRef, string>();

    /// <summary>When the change was seen that it is to be rolled for; null when there is none.</summary>
    public long? ChangedAt { get; set; }

    /// <summary>Failed attempts since the last that worked.</summary>
    public int Failures { get; set; }

    /// <summary>Complaints about its annotations that were made already.</summary>
    public IReadOnlyList<string> Complaints { get; set; } = [];
}
