using System.Text;
using System.Text.RegularExpressions;
using Switchback.LocalKubernetes.Api.Discovery;
using Switchback.LocalKubernetes.Api.Resources;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests;

/// <summary>
/// Holds <c>docs/kubernetes-coverage.md</c> to the code: kinds and verbs from discovery, fields from the schema. With SWITCHBACK_WRITE_DOCS=1 it writes the page instead.
/// </summary>
public sealed partial class CoverageTests
{
    /// <summary>Fields that only the kinds without a controller have are left out with their kind.</summary>
    private static IEnumerable<ResourceType> Acted => ResourceTypes.All.Where(type => type is { KeptOnly: false, CreateOnly: false });

    [Fact]
    public void The_page_says_what_is_left_out()
    {
        var page = Path.Combine(Root(), "docs", "kubernetes-coverage.md");
        var text = Page();
        if (Environment.GetEnvironmentVariable("SWITCHBACK_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, text);
        }

        Assert.Equal(text, File.ReadAllText(page));
    }

    /// <summary>A field that no code names is not honoured, whatever the schema says of it.</summary>
    [Fact]
    public void A_field_that_is_not_marked_as_kept_is_named_in_the_code()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root(), "src", "Switchback.LocalKubernetes"), "*.cs", SearchOption.AllDirectories);
        var named = sources.SelectMany(file => Literal().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet();
        // Events and Leases are their writers' own records: there is nothing to act on.
        var missing = Acted.Except([ResourceTypes.Event, ResourceTypes.Lease]).SelectMany(type => Fields(type, kept: false))
            .Where(found => !named.Contains(found.Field.Name)).Select(found => $"{found.Parent}.{found.Field.Name}");
        Assert.Empty(missing);
    }

    private static string Page()
    {
        var text = new StringBuilder("""
            # Kubernetes: what the embedded platform serves, and what it leaves out

            Generated from discovery and from the schema; a test keeps it up to date (`SWITCHBACK_WRITE_DOCS=1` writes it anew). A kind that is not here is answered with 404, as a server
            without it does.

            ## Kinds

            | kind | API | verbs | subresources | |
            |---|---|---|---|---|

            """);
        foreach (var type in ResourceTypes.All)
        {
            var verbs = type.CreateOnly ? "create" : "all";
            text.Append($"| {type.Kind} | {type.ApiVersion} | {verbs} | {string.Join(", ", type.Subresources)} | {(type.KeptOnly ? "kept and patched; no controller acts on it, and a warning says so" : "")} |\n");
        }

        text.Append($"""

            All verbs: {string.Join(", ", GroupDiscovery.AllVerbs)}. Patches: JSON, merge, strategic merge. Answered with 501: {string.Join(", ", ResourceEndpoints.NotOffered.Select(name => $"`{name}`"))}.
            Answered with 415: server-side apply.

            ## Fields that are taken and kept, and that nothing acts on

            | kind | in | fields |
            |---|---|---|

            """);
        var told = new HashSet<SchemaField>();
        foreach (var type in Acted)
        {
            foreach (var group in Fields(type, kept: true).Where(found => told.Add(found.Field)).GroupBy(found => found.Parent))
            {
                text.Append($"| {type.Kind} | {(group.Key.Length == 0 ? "" : $"`{group.Key}`")} | {string.Join(", ", group.Select(found => $"`{found.Field.Name}`"))} |\n");
            }
        }

        text.Append("""

            What stands for a pod's `spec` holds for templates too, for `containers` also for init containers, for one probe for the others. `resources` are checked, shown, and told by the downward API; nobody enforces them. On the shared network (without root) a
            `securityContext` is checked, and programs run as the platform's user; `readOnlyRootFilesystem` does not reach file systems mounted below a directory of the host.
            """);
        return text.Append('\n').ToString();
    }

    /// <summary>A kind's fields outside of metadata and status that are marked as kept, or that are not, each with the path to it. A kept field's own fields are not told.</summary>
    private static IEnumerable<(SchemaField Field, string Parent)> Fields(ResourceType type, bool kept) =>
        SchemaCatalogue.ForKind(type.ApiVersion, type.Kind)!.Fields.Values.Where(field => field.Name is not ("metadata" or "status" or "apiVersion" or "kind"))
            .SelectMany(field => Fields(field, "", kept, []));

    private static IEnumerable<(SchemaField Field, string Parent)> Fields(SchemaField field, string parent, bool kept, HashSet<string> above)
    {
        if (field.Kept == kept)
        {
            yield return (field, parent);
        }

        // A template's pod is the pod's own row.
        if (field.Kept || field.Type is not { } type || type.Name is "PodTemplateSpec" or "LabelSelector" || above.Contains(type.Name))
        {
            yield break;
        }

        var path = $"{(parent.Length == 0 ? "" : parent + ".")}{field.Name}{(field.Container == Container.List ? "[]" : "")}";
        foreach (var inner in type.Fields.Values.SelectMany(one => Fields(one, path, kept, [.. above, type.Name])))
        {
            yield return inner;
        }
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Switchback.slnx")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("the repository's root is above the tests");
        }

        return directory.FullName;
    }

    [GeneratedRegex("\"([A-Za-z]+)\"")]
    private static partial Regex Literal();
}
