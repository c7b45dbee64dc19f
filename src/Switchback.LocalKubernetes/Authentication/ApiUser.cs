namespace Switchback.LocalKubernetes.Authentication;

/// <summary>Who asks.</summary>
/// <param name="Name">For example <c>system:serviceaccount:clients:default</c>.</param>
/// <param name="Groups">For example <c>system:masters</c>.</param>
internal sealed record ApiUser(string Name, IReadOnlyList<string> Groups)
{
    public const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>May do everything.</summary>
    public const string Masters = "system:masters";

    public static ApiUser Admin { get; } = new("kubernetes-admin", [Masters, "system:authenticated"]);

    public static ApiUser ServiceAccount(string ns, string name) =>
        new($"{ServiceAccountPrefix}{ns}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"]);
}
