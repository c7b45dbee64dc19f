namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>A directory or file of the host that a container sees at a path of its own.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Target">Absolute path in the container.</param>
/// <param name="ReadOnly">Whether writing is refused.</param>
internal sealed record ContainerMount(string Source, string Target, bool ReadOnly);

/// <summary>Everything a container's process needs, resolved: nothing in it refers to the API any more.</summary>
internal sealed record ContainerLaunch
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The whole environment; nothing is inherited from the platform.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>A private directory of this container on the host, for the launch script and its root directory's mount point.</summary>
    public required string Directory { get; init; }

    /// <summary>Directories of the host that must be visible at their own path (where the programs are).</summary>
    public IReadOnlyList<string> ProgramDirectories { get; init; } = [];

    /// <summary>What the program may do; honoured with namespaces only.</summary>
    public ContainerPrivileges? Privileges { get; init; }

    /// <summary>A command in a container that runs already, not the container's program: what it leaves running ends with the container, not with it.</summary>
    public bool IsCommand { get; init; }

    /// <summary>Puts the real ports and paths into a text where the container has no namespaces to see its own in; for commands that come later.</summary>
    public Func<string, string> Localize { get; init; } = text => text;

    /// <summary>The process that holds the pod's network and host name, or null on the shared network: no namespaces and no mounts then.</summary>
    public int? SandboxProcessId { get; init; }
}
