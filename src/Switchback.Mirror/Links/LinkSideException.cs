namespace Switchback.Mirror.Links;

/// <summary>One side of a link cannot be used now.</summary>
internal sealed class LinkSideException(bool isSource, string cluster, Exception inner)
    : Exception($"{(isSource ? "source" : "target")} {cluster}: {inner.Message}", inner)
{
    public bool IsSource { get; } = isSource;
}
