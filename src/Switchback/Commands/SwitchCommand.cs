using System.CommandLine;

namespace Switchback.Commands;

internal static class SwitchCommand
{
    public static Command Create() => NotThere.Yet("switch", "Fail over or fail back one kind of client: change its ConfigMap and watch the rollout.");
}
