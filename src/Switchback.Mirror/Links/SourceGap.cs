namespace Switchback.Mirror.Links;

/// <summary>Source offsets that can never be copied any more: retention or a deletion ran ahead of the mirror.</summary>
internal readonly record struct SourceGap(long FromOffset, long ToOffset);
