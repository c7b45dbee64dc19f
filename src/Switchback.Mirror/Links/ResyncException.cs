namespace Switchback.Mirror.Links;

/// <summary>A side is no longer what this session believes it to be: the next one looks.</summary>
internal sealed class ResyncException(string message) : Exception(message);
