using System.Text.Json.Nodes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Deciding;

/// <summary>The decision table of stakater/Reloader, a row a line: annotations of workload, pod template and ConfigMap; referenced or not; the answer.</summary>
public sealed class DecisionTests
{
    private const string Named = "configmap.reloader.stakater.com/reload";
    private const string Auto = "reloader.stakater.com/auto";
    private const string TypedAuto = "configmap.reloader.stakater.com/auto";
    private const string Search = "reloader.stakater.com/search";
    private const string Exclude = "configmaps.exclude.reloader.stakater.com/reload";
    private const string Ignore = "reloader.stakater.com/ignore";
    private const string Match = "reloader.stakater.com/match";

    [Theory]
    // Nothing asked for.
    [InlineData("", "", "", true, false)]
    // Named: exact, in a list, with spaces, as a pattern; no reference needed; even with auto=false.
    [InlineData(Named + "=config", "", "", false, true)]
    [InlineData(Named + "=a;config;b", "", "", false, true)]
    [InlineData(Named + "=a; config", "", "", false, true)]
    [InlineData(Named + "=con.*", "", "", false, true)]
    [InlineData(Named + "=onfig", "", "", true, false)]
    [InlineData(Named + "=conf", "", "", true, false)]
    [InlineData(Named + "=config|" + Auto + "=false", "", "", false, true)]
    [InlineData(Named + "=[|" + Auto + "=true", "", "", true, true)]
    [InlineData("secret.reloader.stakater.com/reload=config", "", "", true, false)]
    // Auto needs a reference.
    [InlineData(Auto + "=true", "", "", true, true)]
    [InlineData(Auto + "=true", "", "", false, false)]
    [InlineData(Auto + "=false", "", "", true, false)]
    [InlineData(TypedAuto + "=true", "", "", true, true)]
    [InlineData(TypedAuto + "=true|" + Auto + "=false", "", "", true, true)]
    [InlineData("secret.reloader.stakater.com/auto=true", "", "", true, false)]
    // Search needs both sides and a reference.
    [InlineData(Search + "=true", "", Match + "=true", true, true)]
    [InlineData(Search + "=true", "", Match + "=true", false, false)]
    [InlineData(Search + "=true", "", "", true, false)]
    [InlineData(Search + "=true", "", Match + "=false", true, false)]
    [InlineData("", "", Match + "=true", true, false)]
    // Ignore and exclude beat everything.
    [InlineData(Named + "=config", "", Ignore + "=true", true, false)]
    [InlineData(Auto + "=true", "", Ignore + "=true", true, false)]
    [InlineData(Auto + "=true", "", Ignore + "=false", true, true)]
    [InlineData(Named + "=config|" + Exclude + "=config", "", "", true, false)]
    [InlineData(Auto + "=true|" + Exclude + "=other;config", "", "", true, false)]
    [InlineData(Auto + "=true|" + Exclude + "=con.*", "", "", true, true)]
    // The pod template is asked only when the workload says nothing.
    [InlineData("", Auto + "=true", "", true, true)]
    [InlineData("", Named + "=config", "", false, true)]
    [InlineData("", Search + "=true", Match + "=true", true, true)]
    [InlineData(Auto + "=false", Named + "=config", "", true, false)]
    [InlineData(Search + "=false", Auto + "=true", "", true, false)]
    public void The_decision_is_stakaters(string workload, string template, string resource, bool referenced, bool concerned) =>
        Assert.Equal(concerned, Decide(workload, template, resource, referenced, autoReloadAll: false));

    [Theory]
    [InlineData("", true, true)]
    [InlineData("", false, false)]
    [InlineData(Auto + "=false", true, false)]
    [InlineData(TypedAuto + "=false", true, false)]
    [InlineData("secret.reloader.stakater.com/auto=false", true, true)]
    [InlineData(Exclude + "=config", true, false)]
    public void With_auto_reload_all_a_workload_that_says_nothing_is_automatic(string workload, bool referenced, bool concerned) =>
        Assert.Equal(concerned, Decide(workload, "", "", referenced, autoReloadAll: true));

    [Fact]
    public void A_pattern_that_is_none_is_told_and_the_others_count()
    {
        var rules = WorkloadRules.Read(Object(Named + "=(;config"), null, new AnnotationKeys(), autoReloadAll: false);
        Assert.True(rules.IsNamed(new ResourceRef(ResourceKind.ConfigMap, "config")));
        var complaint = Assert.Single(rules.Errors);
        Assert.Contains(Named, complaint, StringComparison.Ordinal);
        Assert.Contains("\"(\"", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void Renamed_annotations_are_the_ones_that_count()
    {
        var keys = new AnnotationKeys { Auto = "example.com/auto" };
        Assert.True(WorkloadRules.Read(Object("example.com/auto=true"), null, keys, autoReloadAll: false).IsAuto(ResourceKind.Secret));
        Assert.True(WorkloadRules.Read(Object(Auto + "=true"), null, keys, autoReloadAll: false).IsEmpty);
    }

    private static bool Decide(string workload, string template, string resource, bool referenced, bool autoReloadAll)
    {
        var rules = WorkloadRules.Read(Object(workload), Object(template), new AnnotationKeys(), autoReloadAll);
        var traits = (resource == Ignore + "=true" ? ResourceTraits.Ignore : ResourceTraits.None) | (resource == Match + "=true" ? ResourceTraits.Match : ResourceTraits.None);
        return Decision.Decide(rules, new ResourceRef(ResourceKind.ConfigMap, "config"), traits, referenced).Concerns();
    }

    // "a=1|b=2", with ; for a comma in a value.
    private static JsonObject Object(string annotations) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["annotations"] = new JsonObject(annotations.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
                .Select(pair => KeyValuePair.Create(pair[0], (JsonNode?)pair[1].Replace(';', ',')))),
        },
    };
}
