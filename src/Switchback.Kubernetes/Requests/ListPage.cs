using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>Which objects of a kind are meant.</summary>
/// <param name="Namespace">One namespace, or null for all.</param>
/// <param name="LabelSelector">As kubectl's <c>-l</c>, or null.</param>
/// <param name="FieldSelector">For example <c>metadata.name=web</c>, or null.</param>
public sealed record Selection(string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null);

/// <summary>One page of a list: its objects, and the resourceVersion from which a watch continues.</summary>
/// <param name="Items">The objects; <c>apiVersion</c> and <c>kind</c>, which servers leave out in lists, are filled in.</param>
/// <param name="ResourceVersion">The version of the whole list.</param>
/// <param name="Continue">The token of the next page, or null on the last.</param>
public sealed record ListPage(IReadOnlyList<JsonObject> Items, string ResourceVersion, string? Continue);
