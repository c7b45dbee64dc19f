namespace Switchback.Mirror.Links;

/// <summary>How a link stands.</summary>
internal enum LinkState
{
    /// <summary>Takes over, finds its positions.</summary>
    Starting,

    /// <summary>Copies.</summary>
    Copying,

    /// <summary>The source cannot be used now; tried again until it can.</summary>
    SourceUnavailable,

    /// <summary>The target cannot be used now; tried again until it can.</summary>
    TargetUnavailable,

    /// <summary>Another mirror has taken the link over: this one does nothing more.</summary>
    Fenced,

    /// <summary>The process ends.</summary>
    Stopped,
}
