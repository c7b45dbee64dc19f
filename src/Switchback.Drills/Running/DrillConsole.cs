using System.Globalization;
using Spectre.Console;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Running;

/// <summary>What a drill shows while it runs: a line for each thing it does, with the drill's time; colour on a terminal only.</summary>
internal sealed class DrillConsole(IAnsiConsole console, DrillClock clock)
{
    /// <summary>Wide enough that no line is broken where nobody looks at a screen.</summary>
    private const int PlainWidth = 400;

    /// <summary>Standard output: with colour on a terminal, as plain and whole lines elsewhere.</summary>
    public static IAnsiConsole StandardOutput()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        plain.Profile.Width = PlainWidth;
        return plain;
    }

    /// <summary>The console underneath, for tables.</summary>
    public IAnsiConsole Output => console;

    public void Phase(string name) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"\n[bold]{name}[/]");

    public void Line(string text) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{Seconds}[/]  {text}");

    public void Command(string command) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"           [cyan]$ {command}[/]");

    public void Good(string text) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{Seconds}[/]  [green]{text}[/]");

    public void Bad(string text) => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{Seconds}[/]  [red]{text}[/]");

    private string Seconds => (clock.NowMs / 1000).ToString("0.0", CultureInfo.InvariantCulture).PadLeft(7) + " s";
}
