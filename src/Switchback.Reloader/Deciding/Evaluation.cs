namespace Switchback.Reloader.Deciding;

/// <summary>What changed about a resource, seen from a workload.</summary>
internal enum ChangeType
{
    Updated,
    Created,
    Deleted,
}

/// <summary>A change for which a workload has to be rolled.</summary>
internal sealed record Change(ResourceRef Resource, ChangeType Type, string Hash, string? Container);

/// <summary>What is known of the ConfigMaps and Secrets of a namespace.</summary>
internal interface IResourceView
{
    /// <summary>Whether everything of this kind in the namespace is known: before that, what is missing is not absent.</summary>
    bool Knows(ResourceKind kind, string ns);

    /// <summary>The resource's hash and traits, or null when there is none.</summary>
    ResourceState? Find(string ns, ResourceRef resource);

    /// <summary>All names of a kind, for those who name resources by pattern.</summary>
    IEnumerable<string> Names(string ns, ResourceKind kind);
}

/// <param name="Hash">Its content's hash.</param>
/// <param name="Traits">What it says about itself.</param>
/// <param name="CreatedAt">A timestamp of <see cref="TimeProvider"/> when it was seen to appear; null when it was there when we came.</param>
internal sealed record ResourceState(string Hash, ResourceTraits Traits, long? CreatedAt);

/// <summary>Which events roll workloads besides updates.</summary>
internal readonly record struct ChangePolicy(bool OnCreate, bool OnDelete);

/// <summary>
/// Compares what a workload's pods run with and what is there. Level-triggered: it does not matter how or when the difference came to be - a change
/// seen happen, one made while we were away, one whose patch failed - the answer is the same, and after the patch it is none.
/// </summary>
/// <param name="Changes">What the workload has to be rolled for.</param>
/// <param name="Known">What its pods run with, as far as anyone can tell.</param>
/// <param name="Marks">What they run with once it was rolled.</param>
/// <param name="MarksDiffer">Whether that is to be written down.</param>
internal sealed record Evaluation(
    IReadOnlyList<Change> Changes, IReadOnlyDictionary<ResourceRef, string> Known, IReadOnlyDictionary<ResourceRef, string> Marks, bool MarksDiffer)
{
    public bool NeedsNothing => Changes.Count == 0 && !MarksDiffer;

    /// <param name="workload">The workload's current version.</param>
    /// <param name="baseline">What was there when we first saw the workload, for resources its own marks do not tell; may be empty.</param>
    /// <param name="since">When we first saw the workload.</param>
    /// <param name="resources">What is there.</param>
    /// <param name="policy">Whether appearing and vanishing count.</param>
    public static Evaluation Of(
        WorkloadView workload, IReadOnlyDictionary<ResourceRef, string> baseline, long since, IResourceView resources, ChangePolicy policy)
    {
        var ns = workload.Key.Namespace;
        var seen = workload.Marks.Seen;
        var marks = new Dictionary<ResourceRef, string>();
        var before = new Dictionary<ResourceRef, string>();
        var changes = new List<Change>();
        foreach (var resource in Candidates(workload, resources))
        {
            if (!resources.Knows(resource.Kind, ns))
            {
                if (seen.TryGetValue(resource, out var unknown))
                {
                    marks[resource] = unknown;
                }

                continue;
            }

            var state = resources.Find(ns, resource);
            var verdict = Decision.Decide(workload.Rules, resource, state?.Traits ?? ResourceTraits.None, workload.References.Contains(resource));
            // Gone is gone, whatever it said about itself: a searched resource cannot say "match" any more.
            if (verdict.Concerns() || (state is null && seen.ContainsKey(resource) && verdict == Verdict.NotConcerned && workload.Rules.IsSearching(resource.Kind)))
            {
                Compare(resource, state);
            }
        }

        var differ = marks.Count != seen.Count || marks.Any(mark => !seen.TryGetValue(mark.Key, out var hash) || hash != mark.Value);
        return new Evaluation(changes, before, marks, differ);

        void Compare(ResourceRef resource, ResourceState? state)
        {
            var now = state?.Hash ?? Marking.Marks.Absent;
            var inTemplate = workload.Marks.InTemplate(resource);
            var known = seen.TryGetValue(resource, out var mark)
                ? now == inTemplate ? now : mark
                : baseline.TryGetValue(resource, out mark) ? mark : inTemplate;
            var appeared = state?.CreatedAt > since;
            known ??= appeared ? Marking.Marks.Absent : now;
            before[resource] = known;
            marks[resource] = now;
            if (known == now)
            {
                return;
            }

            var type = known.Length == 0 ? ChangeType.Created : now.Length == 0 ? ChangeType.Deleted : ChangeType.Updated;
            if (type == ChangeType.Deleted && !policy.OnDelete)
            {
                // It may come back as it was, which is no change, or different, which is one.
                marks[resource] = known;
            }
            else if (type != ChangeType.Created || policy.OnCreate)
            {
                changes.Add(new Change(resource, type, now.Length == 0 ? ContentHash.Empty : now, workload.References.Container(resource)));
            }
        }
    }

    private static HashSet<ResourceRef> Candidates(WorkloadView workload, IResourceView resources)
    {
        var candidates = new HashSet<ResourceRef>(workload.References.All);
        candidates.UnionWith(workload.Rules.LiteralNames);
        foreach (var kind in ResourceKinds.All)
        {
            if (workload.Rules.HasPatterns(kind))
            {
                candidates.UnionWith(resources.Names(workload.Key.Namespace, kind).Select(name => new ResourceRef(kind, name)));
                // A pattern's resource that is gone is known by its mark only.
                candidates.UnionWith(workload.Marks.Seen.Keys.Where(resource => resource.Kind == kind));
            }
        }

        return candidates;
    }
}
