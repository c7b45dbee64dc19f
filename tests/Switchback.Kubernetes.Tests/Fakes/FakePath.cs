namespace Switchback.Kubernetes.Tests.Fakes;

/// <summary>A path of the API: /api/v1/namespaces/NS/PLURAL/NAME/SUBRESOURCE and the like.</summary>
public sealed record FakePath(string Group, string Plural, string? Namespace, string? Name, string? Subresource)
{
    public string Collection => $"{Group}/{Plural}";

    public static FakePath Parse(string path)
    {
        var parts = path.Trim('/').Split('/');
        var at = parts[0] == "api" ? 2 : 3;
        var group = parts[0] == "api" ? "" : parts[1];
        string? ns = null;
        if (parts.Length > at + 2 && parts[at] == "namespaces")
        {
            ns = parts[at + 1];
            at += 2;
        }

        return new FakePath(group, parts[at], ns, parts.ElementAtOrDefault(at + 1), parts.ElementAtOrDefault(at + 2));
    }
}
