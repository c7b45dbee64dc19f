namespace Switchback.LocalKubernetes.Api.Responses;

internal enum ResponseForm
{
    Objects,

    /// <summary>Rows and columns as kubectl prints them.</summary>
    Table,

    /// <summary>Only <c>metadata</c>.</summary>
    Metadata,
}

/// <summary>The form in which a client wants objects.</summary>
/// <param name="Form">Which form.</param>
/// <param name="Include">For tables, what of each object comes with its row: <c>None</c>, <c>Metadata</c> or <c>Object</c>.</param>
internal sealed record ResponseShape(ResponseForm Form, string Include)
{
    /// <summary>Reads an <c>Accept</c> header: the first form that is known.</summary>
    public static ResponseShape FromAccept(string accept, string? include)
    {
        foreach (var entry in accept.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            var form = parts.FirstOrDefault(part => part.StartsWith("as=", StringComparison.Ordinal))?[3..];
            if (parts[0] is not ("application/json" or "*/*" or "application/*" or ""))
            {
                continue;
            }

            switch (form)
            {
                case "Table" when parts.Contains("v=v1"):
                    return new ResponseShape(ResponseForm.Table, include ?? "Metadata");
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when parts.Contains("v=v1"):
                    return new ResponseShape(ResponseForm.Metadata, "");
                case null:
                    return new ResponseShape(ResponseForm.Objects, "");
                default:
                    break;
            }
        }

        return new ResponseShape(ResponseForm.Objects, "");
    }
}
