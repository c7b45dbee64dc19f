using System.CommandLine;

namespace Switchback.Commands;

internal static class LoadCommand
{
    public static Command Create() => NotThere.Yet("load", "Send the load test to POST /chuck-says, with an HTML report.");
}
