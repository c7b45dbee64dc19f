using System.Globalization;
using System.Text;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>One client over time: records a second sent, and acknowledged or delivered; its outages as bands with their length above.</summary>
internal sealed class FlowChart(TimeScale scale, IReadOnlyList<StepFact> steps, ClientVerdict client, IReadOnlyList<Observation> observations)
{
    private const double Width = 1000;
    private const double Height = 100;

    /// <summary>Labels nearer to each other than this, in percent of the width, are put on two lines.</summary>
    private const double LabelWidth = 16;

    public Html Render()
    {
        var producer = client.Role == ClientRole.Producer;
        var flow = Rates(producer ? ObservationKind.Acknowledged : ObservationKind.Delivered);
        var sent = producer ? Rates(ObservationKind.Sent) : [];
        var usual = flow.Concat(sent).Where(rate => rate > 0).Order().ToList();
        var peak = usual.Count == 0 ? 1 : usual[^1];

        // A consumer that catches up is delivered in a moment what waited: cut such a peak, or it flattens all the rest.
        var top = usual.Count == 0 ? 1 : Math.Min(peak, 3 * usual[(int)(usual.Count * 0.75)]);
        var path = Area(flow, top);
        var label = top < peak
            ? $"up to {top:0} records/s, once {peak:0}"
            : $"up to {top:0} records/s";
        return Html.Of($"""
            <section class="client" data-client="{client.Name}">
            <header><h3>{client.Name}</h3><span>{(producer ? "producer" : "consumer")}, {(client.Through == ClientRoute.Proxy ? "through the proxy" : "direct")}; {label}</span></header>
            <div class="chart plot" role="img" aria-label="{Description(producer)}">
            <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
            {Bands()}{Html.When(sent.Length > 0, $"<path class=\"sent\" d=\"{Area(sent, top)}\"/>")}
            <path class="flow" d="{path}L{Width:0},{Height:0}L0,{Height:0}Z"/><path class="flow-line" d="{path}"/>{Marks()}
            </svg>
            {Labels()}
            </div>
            </section>

            """);
    }

    private string Description(bool producer)
    {
        var outages = client.Outages.Where(outage => outage.OutageMs >= 1000)
            .Select(outage => $"{Figures.Length(outage.OutageMs)} at {outage.Phase}");
        var list = string.Join(", ", outages);
        return $"{client.Name}: records {(producer ? "sent and acknowledged" : "delivered")} per second over the drill; "
            + (list.Length == 0 ? "no outage of a second or more" : $"outages: {list}");
    }

    private double[] Rates(ObservationKind kind)
    {
        var bins = new double[(int)Math.Ceiling(scale.LengthMs / scale.BinMs)];
        foreach (var seen in observations.Where(seen => seen.Kind == kind && seen.Client == client.Name))
        {
            var bin = (int)((seen.AtMs - scale.FromMs) / scale.BinMs);
            if (bin >= 0 && bin < bins.Length)
            {
                bins[bin] += 1000 / scale.BinMs;
            }
        }

        return bins;
    }

    private string Area(double[] rates, double top)
    {
        var path = new StringBuilder();
        for (var i = 0; i < rates.Length; i++)
        {
            var y = Height - (Math.Min(rates[i], top) / top * (Height - 4));
            var from = i * scale.BinMs / scale.LengthMs * Width;
            var to = Math.Min((i + 1) * scale.BinMs / scale.LengthMs, 1) * Width;
            path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{from:0.##},{y:0.##}L{to:0.##},{y:0.##}");
        }

        return path.ToString();
    }

    private IEnumerable<Html> Bands() => Shown().Select(outage =>
    {
        var (from, to) = (scale.Percent(outage.FromMs) * 10, scale.Percent(outage.ToMs) * 10);
        return Html.Of($"""
            <rect class="outage" x="{from}" y="0" width="{to - from}" height="100"/><line class="outage-edge" x1="{from}" x2="{from}" y1="0" y2="100"/><line class="outage-edge" x1="{to}" x2="{to}" y1="0" y2="100"/>
            """);
    });

    private IEnumerable<Html> Marks() => steps.Where(step => step.Kind != StepKind.Step && (step.Clients is null || step.Clients.Contains(client.Name))).Select(step =>
    {
        var x = scale.Percent(step.StartedMs) * 10;
        return Html.Of($"<line class=\"mark {Name(step.Kind)}\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"100\"/>");
    });

    private IEnumerable<Html> Labels()
    {
        var before = double.NegativeInfinity;
        var up = false;
        foreach (var outage in Shown().OrderBy(outage => outage.FromMs))
        {
            var at = (scale.Percent(outage.FromMs) + scale.Percent(outage.ToMs)) / 2;
            up = at - before < LabelWidth && !up;
            before = at;
            var edge = at < 8 ? " first" : at > 92 ? " last" : "";
            yield return Html.Of($"<span class=\"at long{(up ? " up" : "")}{edge}\" style=\"left:{at:0.##}%\">{Figures.Length(outage.OutageMs)}{(outage.Recovered ? "" : ", no end")}</span>");
        }
    }

    private IEnumerable<Outage> Shown() => client.Outages.Where(outage => outage.OutageMs >= 500 || !outage.Recovered);

    internal static string Name(StepKind kind) => kind switch { StepKind.Fault => "fault", StepKind.Switch => "switch", _ => "step" };
}
