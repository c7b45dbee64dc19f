namespace Switchback.Mirror.Writing;

/// <summary>Another mirror has taken the link over: this one must not write any more.</summary>
internal sealed class FencedException(string message) : Exception(message);
