using System.CommandLine;

namespace Switchback.Commands;

internal static class KubernetesCommand
{
    public static Command Create() => NotThere.Yet("kubernetes", "Run the embedded Kubernetes platform.");
}
