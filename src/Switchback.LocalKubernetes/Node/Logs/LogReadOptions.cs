namespace Switchback.LocalKubernetes.Node.Logs;

/// <summary>What of a container's log is read; the query parameters of <c>pods/log</c>.</summary>
internal sealed record LogReadOptions
{
    /// <summary>Whether to go on until the container has ended and all its output was written.</summary>
    public bool Follow { get; init; }

    /// <summary>Only so many last lines of what is there at the start; null for all, 0 for none.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines written at or after this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>An RFC 3339 time with nanoseconds and a blank before each line.</summary>
    public bool Timestamps { get; init; }

    /// <summary>The reading ends after so many bytes, in the middle of a line if need be.</summary>
    public long? LimitBytes { get; init; }
}
