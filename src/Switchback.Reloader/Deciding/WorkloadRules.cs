using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Deciding;

/// <summary>What a workload's annotations ask for. Immutable; made once for each version of the workload.</summary>
internal sealed class WorkloadRules
{
    private readonly Rules configMaps;
    private readonly Rules secrets;

    private WorkloadRules(Rules configMaps, Rules secrets, IReadOnlyList<string> errors)
    {
        this.configMaps = configMaps;
        this.secrets = secrets;
        Errors = errors;
    }

    /// <summary>What could not be understood, a sentence each.</summary>
    public IReadOnlyList<string> Errors { get; }

    /// <summary>Whether anything can roll this workload at all.</summary>
    public bool IsEmpty => configMaps.IsEmpty && secrets.IsEmpty && Errors.Count == 0;

    public bool IsExcluded(ResourceRef resource) => Of(resource.Kind).Excluded.Contains(resource.Name);

    public bool IsNamed(ResourceRef resource) => Of(resource.Kind).Named.Any(pattern => pattern.Matches(resource.Name));

    public bool IsAuto(ResourceKind kind) => Of(kind).Auto;

    /// <summary><c>search: "true"</c>: what is referenced and says <c>match: "true"</c>.</summary>
    public bool IsSearching(ResourceKind kind) => Of(kind).Search;

    /// <summary>The names that are given literally: they are waited for even while there is no such resource.</summary>
    public IEnumerable<ResourceRef> LiteralNames =>
        ResourceKinds.All.SelectMany(kind => Of(kind).Named.Where(pattern => pattern.IsLiteral).Select(pattern => new ResourceRef(kind, pattern.Text)));

    /// <summary>Whether names of this kind are given by a pattern.</summary>
    public bool HasPatterns(ResourceKind kind) => Of(kind).Named.Any(pattern => !pattern.IsLiteral);

    public static WorkloadRules Read(JsonObject workload, JsonObject? template, AnnotationKeys keys, bool autoReloadAll)
    {
        var errors = new List<string>();
        return new WorkloadRules(Rules(ResourceKind.ConfigMap), Rules(ResourceKind.Secret), errors);

        Rules Rules(ResourceKind kind)
        {
            // The pod template is asked only when the workload itself says nothing.
            string[] asking = [keys.Reload(kind), keys.Auto, keys.AutoOf(kind), keys.Search];
            var source = template is not null && asking.All(key => workload.Annotation(key) is null) ? template : workload;
            var named = Split(source.Annotation(keys.Reload(kind)))
                .Select(text => NamePattern.Parse(text, keys.Reload(kind), errors)).OfType<NamePattern>().ToArray();
            var (auto, typed) = (source.Annotation(keys.Auto), source.Annotation(keys.AutoOf(kind)));
            var wanted = IsTrue(auto) || IsTrue(typed) || (autoReloadAll && string.IsNullOrEmpty(auto) && string.IsNullOrEmpty(typed));
            return new Rules(named, Split(workload.Annotation(keys.Exclude(kind))), wanted, source.Annotation(keys.Search) == "true");
        }
    }

    private Rules Of(ResourceKind kind) => kind == ResourceKind.ConfigMap ? configMaps : secrets;

    private static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool IsTrue(string? value) => value is "1" or "t" or "T" or "true" or "TRUE" or "True";

    private sealed record Rules(NamePattern[] Named, string[] Excluded, bool Auto, bool Search)
    {
        public bool IsEmpty => Named.Length == 0 && !Auto && !Search;
    }
}

/// <summary>A name, or a regular expression that must match a whole name.</summary>
internal sealed partial class NamePattern
{
    private readonly Regex? expression;

    private NamePattern(string text, Regex? expression)
    {
        Text = text;
        this.expression = expression;
    }

    public string Text { get; }

    public bool IsLiteral => expression is null;

    public bool Matches(string name) => expression is null ? name == Text : expression.IsMatch(name);

    public static NamePattern? Parse(string text, string annotation, List<string> errors)
    {
        if (Plain().IsMatch(text))
        {
            return new NamePattern(text, null);
        }

        try
        {
            // No backtracking: an annotation must not be able to keep us busy.
            return new NamePattern(text, new Regex($"^{text}$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            errors.Add($"annotation {annotation}: \"{text}\" is not a regular expression: {failure.Message}");
            return null;
        }
    }

    [GeneratedRegex("^[A-Za-z0-9-]+$")]
    private static partial Regex Plain();
}
