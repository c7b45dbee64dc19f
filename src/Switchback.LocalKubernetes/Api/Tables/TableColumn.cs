using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Api.Tables;

/// <summary>One column of a printed table.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Cell">A row's value.</param>
internal sealed record TableColumn(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public string Type { get; init; } = "string";

    /// <summary>Shown only in wide tables.</summary>
    public bool Wide { get; init; }

    public JsonObject Definition() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Name == "Name" ? "name" : "",
        ["description"] = "",
        ["priority"] = Wide ? 1 : 0,
    };
}

/// <summary>The columns of a type.</summary>
internal sealed record PrintedTable(IReadOnlyList<TableColumn> Columns);
