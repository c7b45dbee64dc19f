using Switchback.Reloader.Deciding;
using Switchback.Reloader.Marking;
using Switchback.Reloader.Options;
using Switchback.Reloader.Tests.Gates;

namespace Switchback.Reloader.Tests.Deciding;

/// <summary>What is done for each combination of what the pods run with and what is there.</summary>
public sealed class EvaluationTests
{
    private const string North = "1111111111111111111111111111111111111111";
    private const string West = "2222222222222222222222222222222222222222";
    private static readonly ResourceRef Config = new(ResourceKind.ConfigMap, "config");

    [Theory]
    // The mark on the workload, the variable in its template, what is there; on create, on delete; the change.
    [InlineData(null, null, North, false, false, null)]
    [InlineData(North, null, North, false, false, null)]
    [InlineData(North, null, West, false, false, ChangeType.Updated)]
    [InlineData(North, North, West, false, false, ChangeType.Updated)]
    // stakater's variable alone: up to date, or missed before the move.
    [InlineData(null, North, North, false, false, null)]
    [InlineData(null, North, West, false, false, ChangeType.Updated)]
    // Another controller rolled it meanwhile: the template is newer than our mark.
    [InlineData(North, West, West, false, false, null)]
    // Appearing.
    [InlineData("", null, North, false, false, null)]
    [InlineData("", null, North, true, false, ChangeType.Created)]
    // Vanishing.
    [InlineData(North, null, null, false, false, null)]
    [InlineData(North, null, null, true, true, ChangeType.Deleted)]
    [InlineData("", null, null, true, true, null)]
    [InlineData(null, null, null, true, true, null)]
    internal void The_change_follows_from_what_the_pods_run_with(
        string? mark, string? variable, string? there, bool onCreate, bool onDelete, ChangeType? expected)
    {
        var evaluation = Evaluate(View(mark, variable), there, new ChangePolicy(onCreate, onDelete));
        Assert.Equal(expected, evaluation.Changes.SingleOrDefault()?.Type);
    }

    [Fact]
    public void What_vanished_and_came_back_different_is_an_update_and_as_it_was_none()
    {
        var gone = Evaluate(View(North, null), null, default);
        Assert.Equal(North, gone.Marks[Config]);
        Assert.True(gone.NeedsNothing);
        Assert.Equal(ChangeType.Updated, Evaluate(View(North, null), West, default).Changes.Single().Type);
        Assert.True(Evaluate(View(North, null), North, default).NeedsNothing);
    }

    [Fact]
    public void A_workload_without_marks_is_marked_and_not_rolled()
    {
        var evaluation = Evaluate(View(null, null), North, default);
        Assert.Empty(evaluation.Changes);
        Assert.True(evaluation.MarksDiffer);
        Assert.Equal(North, evaluation.Marks[Config]);
    }

    [Fact]
    public void The_baseline_stands_in_for_a_mark_that_is_not_written_yet()
    {
        var baseline = new Dictionary<ResourceRef, string> { [Config] = North };
        var evaluation = Evaluation.Of(View(null, null), baseline, 0, new View1(West), default);
        Assert.Equal(ChangeType.Updated, Assert.Single(evaluation.Changes).Type);
    }

    [Fact]
    public void Nothing_is_concluded_of_what_has_not_been_read()
    {
        var evaluation = Evaluation.Of(View(North, null), new Dictionary<ResourceRef, string>(), 0, new View1(null, knows: false), new ChangePolicy(true, true));
        Assert.True(evaluation.NeedsNothing);
    }

    [Fact]
    public void A_resource_that_matches_a_pattern_and_was_seen_to_appear_is_new()
    {
        var view = WorkloadView.Read(WorkloadKind.Deployment, Given.Workload("web", Given.Named("con.*"), config: "other"), new AnnotationKeys(), false);
        var later = new View1(North, createdAt: 10);
        Assert.Equal(ChangeType.Created, Evaluation.Of(view, new Dictionary<ResourceRef, string>(), 5, later, new ChangePolicy(true, false)).Changes.Single().Type);
        Assert.Empty(Evaluation.Of(view, new Dictionary<ResourceRef, string>(), 15, later, new ChangePolicy(true, false)).Changes);
    }

    [Fact]
    public void What_is_no_longer_asked_for_is_forgotten()
    {
        var workload = Given.Workload("web", $$"""{"{{AnnotationKeys.Seen}}": "{\"ConfigMap/config\":\"{{North}}\"}"}""");
        var evaluation = Evaluate(WorkloadView.Read(WorkloadKind.Deployment, workload, new AnnotationKeys(), false), West, default);
        Assert.Empty(evaluation.Changes);
        Assert.Empty(evaluation.Marks);
        Assert.True(evaluation.MarksDiffer);
    }

    private static WorkloadView View(string? mark, string? variable)
    {
        var workload = Given.Workload("web", Given.Named("config"));
        if (mark is not null)
        {
            workload["metadata"]!["annotations"]![AnnotationKeys.Seen] = Marks.Write(new Dictionary<ResourceRef, string> { [Config] = mark, [new(ResourceKind.Secret, "none")] = "" });
        }

        if (variable is not null)
        {
            workload["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] =
                Given.Manifest($$"""{"env": [{"name": "STAKATER_CONFIG_CONFIGMAP", "value": "{{variable}}"}]}""")["env"]!.DeepClone();
        }

        return WorkloadView.Read(WorkloadKind.Deployment, workload, new AnnotationKeys(), autoReloadAll: false);
    }

    private static Evaluation Evaluate(WorkloadView view, string? there, ChangePolicy policy) =>
        Evaluation.Of(view, new Dictionary<ResourceRef, string>(), 0, new View1(there), policy);

    private sealed class View1(string? config, bool knows = true, long? createdAt = null) : IResourceView
    {
        public bool Knows(ResourceKind kind, string ns) => knows;

        public ResourceState? Find(string ns, ResourceRef resource) =>
            config is not null && resource == Config ? new ResourceState(config, ResourceTraits.None, createdAt) : null;

        public IEnumerable<string> Names(string ns, ResourceKind kind) => config is not null && kind == ResourceKind.ConfigMap ? ["config"] : [];
    }
}
