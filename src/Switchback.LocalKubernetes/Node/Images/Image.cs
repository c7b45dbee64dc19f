namespace Switchback.LocalKubernetes.Node.Images;

/// <summary>What an image's name stands for: a program of this machine.</summary>
internal sealed record Image
{
    /// <summary>What a container's <c>command</c> replaces.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>What a container's <c>args</c> replace.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>The ports the program listens on without being told, and how it is told another.</summary>
    public IReadOnlyList<ImagePort> Ports { get; init; } = [];
}

/// <summary>A port the program listens on by itself, and the variable or the argument (with <c>{port}</c> in it) by which it is given another.</summary>
internal sealed record ImagePort(int Port, string? Variable, string? Argument);
