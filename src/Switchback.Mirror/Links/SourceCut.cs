namespace Switchback.Mirror.Links;

/// <summary>
/// Source offsets whose records had been copied when the source lost them: its log was cut back, or its topic created anew. The copies stay, and what the source
/// has at these offsets now is copied behind them.
/// </summary>
/// <param name="FromOffset">The first of them.</param>
/// <param name="ToOffset">The first one after them.</param>
/// <param name="IsNewTopic">Whether the topic was deleted and created again.</param>
internal readonly record struct SourceCut(long FromOffset, long ToOffset, bool IsNewTopic);
