using System.CommandLine;

namespace Switchback.Commands;

internal static class DrillCommand
{
    public static Command Create() => NotThere.Yet("drill", "Play a whole disaster recovery scenario and answer with a verdict counted from records.");
}
