using System.CommandLine;

namespace Switchback.Commands;

internal static class ReloaderCommand
{
    public static Command Create() => NotThere.Yet("reloader", "Roll workloads when their configuration changes, with the flags of stakater/Reloader.");
}
