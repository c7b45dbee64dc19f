using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Node.Containers;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>
/// What a container's program may do, from the <c>securityContext</c> of the container and of its pod. It needs namespaces: on the shared network programs run as the platform's user.
/// </summary>
/// <param name="User">The user to run as; null for root.</param>
/// <param name="Group">The primary group.</param>
/// <param name="Groups">Further groups.</param>
/// <param name="Dropped">Capabilities taken away, in lower case and without <c>CAP_</c>; <c>all</c> for all.</param>
/// <param name="MayGain">Whether a program may gain privileges its parent has not.</param>
/// <param name="ReadOnlyRoot">Whether only volumes can be written to.</param>
internal sealed record ContainerPrivileges(
    long? User, long Group, IReadOnlyList<long> Groups, IReadOnlyList<string> Dropped, bool MayGain, bool ReadOnlyRoot)
{
    /// <summary>The user of a program that is only said not to be root: the catalogue's programs stand for images that name one.</summary>
    private const long SomeUser = 65532;

    /// <summary>Whether anything has to be done before the program is executed.</summary>
    public bool Restricts => User is not null || Group != 0 || Groups.Count > 0 || Dropped.Count > 0 || !MayGain;

    /// <summary>Reads both contexts; the container's own goes first.</summary>
    /// <exception cref="ContainerConfigException">It is not to run as root, and is told to.</exception>
    public static ContainerPrivileges Of(JsonObject pod, JsonObject container)
    {
        var own = container.Object("securityContext") ?? [];
        var shared = pod.Object("spec", "securityContext") ?? [];
        var user = own.Number("runAsUser") ?? shared.Number("runAsUser");
        if ((own.Flag("runAsNonRoot") ?? shared.Flag("runAsNonRoot")) == true)
        {
            user ??= SomeUser;
            if (user == 0)
            {
                throw new ContainerConfigException("container's runAsUser breaks non-root policy (pod: \"" + $"{pod.Name()}_{pod.Namespace()}({pod.Uid()})\", container: {container.Text("name")})");
            }
        }

        var groups = Numbers(shared, "supplementalGroups").Concat(shared.Number("fsGroup") is { } volumes ? [volumes] : []);
        return new ContainerPrivileges(
            user is 0 ? null : user,
            own.Number("runAsGroup") ?? shared.Number("runAsGroup") ?? 0,
            [.. groups.Distinct()],
            [.. (own.At("capabilities", "drop") as JsonArray)?.Select(one => (one?.ToString() ?? "").ToLowerInvariant()).Select(name => name.StartsWith("cap_", StringComparison.Ordinal) ? name[4..] : name) ?? []],
            own.Flag("allowPrivilegeEscalation") != false,
            own.Flag("readOnlyRootFilesystem") == true);
    }

    /// <summary>The program that gives privileges up and then executes what follows; empty where there is nothing to give up.</summary>
    public IReadOnlyList<string> Command()
    {
        if (!Restricts)
        {
            return [];
        }

        List<string> command = [SystemTools.Path("setpriv"), "--regid", Text(Group)];
        command.AddRange(Groups.Count > 0 ? ["--groups", string.Join(',', Groups.Select(Text))] : ["--clear-groups"]);
        if (User is { } user)
        {
            command.AddRange(["--reuid", Text(user)]);
        }

        if (Dropped.Count > 0)
        {
            var dropped = Dropped.Contains("all") ? "-all" : string.Join(',', Dropped.Select(name => "-" + name));
            command.AddRange(["--inh-caps", dropped, "--bounding-set", dropped]);
        }

        if (!MayGain)
        {
            command.Add("--no-new-privs");
        }

        command.Add("--");
        return command;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<long> Numbers(JsonObject item, string field) => (item.At(field) as JsonArray)?.Select(one => one?.AsNumber()).OfType<long>() ?? [];
}
