namespace Switchback.Kubernetes;

/// <summary>The three patches the API takes.</summary>
public enum PatchType
{
    /// <summary>RFC 6902: a list of operations.</summary>
    Json,

    /// <summary>RFC 7386: objects are merged, lists and scalars replaced, null removes.</summary>
    Merge,

    /// <summary>As merge, with lists merged by key where the kind's schema says so (containers by name).</summary>
    Strategic,
}
