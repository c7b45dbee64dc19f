using System.CommandLine;

namespace Switchback.Commands;

internal static class BenchCommand
{
    public static Command Create() => NotThere.Yet("bench", "Measure each part against its rival or a direct connection, as ratios.");
}
