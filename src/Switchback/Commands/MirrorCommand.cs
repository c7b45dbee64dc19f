using System.CommandLine;

namespace Switchback.Commands;

internal static class MirrorCommand
{
    public static Command Create() => NotThere.Yet("mirror", "Mirror topics and groups between clusters.");
}
