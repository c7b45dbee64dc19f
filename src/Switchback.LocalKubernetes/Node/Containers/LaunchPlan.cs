using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Node.Processes;
using Switchback.LocalKubernetes.Node.Volumes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>Turns a container's specification and its image into a launch: command, variables, mounts, all resolved for the pod's network.</summary>
internal sealed class LaunchPlan(NodeContext node, IPodNetwork network, PodVolumes volumes)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string TrustPath = "/switchback/trust.pem";

    private bool Shared => network.SandboxProcessId is null;

    /// <summary>Resolves the launch of a container's next run.</summary>
    /// <exception cref="ContainerConfigException">Something it refers to is missing.</exception>
    public ContainerLaunch Create(JsonObject pod, JsonObject container, Image image, string containerId)
    {
        var directory = Path.Combine(node.PodDirectory(pod.Uid()), "containers", container.Text("name") ?? "");
        var privileges = ContainerPrivileges.Of(pod, container);
        var variables = ContainerEnvironment.Resolve(pod, container, Initial(pod, image, privileges), new ConfigReferences(node.Store, pod.Namespace()));
        var paths = volumes.Paths(container, variables);
        string Real(string text) => PathText.Replace(PortText.Replace(text, network.Ports), paths);

        var command = List(container, "command");
        var arguments = List(container, "args") ?? (command is null ? image.Arguments : []);
        IEnumerable<string> entry = command ?? image.Entrypoint;
        var all = entry.Concat(arguments).Select(text => Real(VariableExpansion.Expand(text, variables))).Concat(PortArguments(image, arguments)).ToList();
        if (all.Count == 0)
        {
            throw new ContainerConfigException($"no command specified: neither the container nor the catalogue's image {container.Text("image")} has one");
        }

        if (Shared)
        {
            foreach (var name in variables.Keys.Where(name => name is not ("PATH" or "HOME")).ToList())
            {
                variables[name] = Real(variables[name]);
            }

            SetPortVariables(image, variables);
            variables[LaunchScript.ContainerMark] = containerId;
            if (paths.TryGetValue(PodVolumes.ServiceAccountPath, out var account))
            {
                variables["SWITCHBACK_SERVICE_ACCOUNT"] = account;
            }
        }

        var working = container.Text("workingDir") ?? image.WorkingDirectory;
        return new ContainerLaunch
        {
            Command = all,
            Environment = variables,
            WorkingDirectory = working is null ? null : Real(working),
            Localize = Real,
            Privileges = privileges,
            Mounts = [.. volumes.Mounts(container, variables), .. TrustMount()],
            Directory = directory,
            ProgramDirectories = [.. node.Options.Catalogue.ProgramDirectories, RuntimeDirectory()],
            SandboxProcessId = network.SandboxProcessId,
        };
    }

    private static IReadOnlyList<string>? List(JsonObject container, string field) =>
        container.At(field) is JsonArray { Count: > 0 } list ? [.. list.Select(item => item?.ToString() ?? "")] : null;

    /// <summary>Where this process's own .NET is: our programs in pods need it too, and their environment does not say.</summary>
    private static string RuntimeDirectory() => Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private Dictionary<string, string> Initial(JsonObject pod, Image image, ContainerPrivileges privileges)
    {
        var port = node.Options.ApiServerPort.ToString(CultureInfo.InvariantCulture);
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = SearchPath,
            ["HOME"] = Shared ? node.PodDirectory(pod.Uid()) : privileges.User is null ? "/root" : "/",
            ["HOSTNAME"] = pod.Name()[..Math.Min(63, pod.Name().Length)],
            ["KUBERNETES_SERVICE_HOST"] = network.SandboxProcessId is null ? "127.0.0.1" : node.Network.NodeAddress.ToString(),
            ["KUBERNETES_SERVICE_PORT"] = port,
            ["KUBERNETES_SERVICE_PORT_HTTPS"] = port,
            ["DOTNET_ROOT"] = RuntimeDirectory(),
        };
        if (node.Options.TrustFile is { } trust)
        {
            variables["SSL_CERT_FILE"] = Shared ? Path.GetFullPath(trust) : TrustPath;
        }

        foreach (var (name, value) in image.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    private IEnumerable<ContainerMount> TrustMount() =>
        !Shared && node.Options.TrustFile is { } trust ? [new ContainerMount(Path.GetFullPath(trust), TrustPath, ReadOnly: true)] : [];

    /// <summary>An image's own port is told by an argument, unless the container's arguments say it already.</summary>
    private IEnumerable<string> PortArguments(Image image, IReadOnlyList<string> arguments)
    {
        foreach (var port in image.Ports)
        {
            if (port.Argument is { } argument && network.Ports.TryGetValue(port.Port, out var real))
            {
                var flag = argument.Split('=', 2)[0];
                if (!arguments.Any(told => told == flag || told.StartsWith(flag + "=", StringComparison.Ordinal)))
                {
                    yield return argument.Replace("{port}", real.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                }
            }
        }
    }

    private void SetPortVariables(Image image, Dictionary<string, string> variables)
    {
        foreach (var port in image.Ports.Where(port => port.Variable is not null))
        {
            var told = variables.TryGetValue(port.Variable!, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : port.Port;
            if (network.Ports.TryGetValue(told, out var real))
            {
                variables[port.Variable!] = real.ToString(CultureInfo.InvariantCulture);
            }
        }
    }
}
