using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>Each client in numbers: what it did in each phase, and every outage with what it went into.</summary>
internal static class ClientsSection
{
    public static Html Render(Verdict verdict) => Html.Of($"""
        <h2>Each client in numbers</h2>
        <p class="lead">An outage is measured at the application, from its last acknowledgement or delivery before to its first one after.</p>
        {verdict.Clients.Select(Client)}

        """);

    private static Html Client(ClientVerdict client) => Html.Of($"""
        <div class="card"><h3>{client.Name}</h3>
        <div class="scroll"><table class="even"><thead><tr><th>Records</th>{client.Progress.Select(phase => Html.Of($"<th class=\"n\">{phase.Phase}</th>"))}</tr></thead><tbody>
        {(client.Role == ClientRole.Producer
            ? Html.Of($"{Row(client, "sent", phase => phase.Sent)}{Row(client, "acknowledged", phase => phase.Acknowledged)}{Row(client, "failed", phase => phase.Failed)}")
            : Row(client, "delivered", phase => phase.Delivered))}
        </tbody></table></div>
        {Outages(client.Outages)}
        </div>

        """);

    private static Html Row(ClientVerdict client, string name, Func<PhaseProgress, int> count) =>
        Html.Of($"<tr><td>{name}</td>{client.Progress.Select(phase => Html.Of($"<td class=\"n\">{Figures.Count(count(phase))}</td>"))}</tr>");

    private static Html Outages(IReadOnlyList<Outage> outages) => outages.Count == 0
        ? Html.Of($"<p class=\"soft\" style=\"margin-top:14px\">No outage.</p>")
        : Html.Of($"""
            <div class="scroll" style="margin-top:14px"><table><thead><tr><th>Outage</th><th class="n">Length</th><th class="n">From</th><th class="n">To</th><th>What it went into</th></tr></thead><tbody>
            {outages.Select(outage => Html.Of($"""
                <tr><td>{outage.Phase}</td><td class="n{(outage.Recovered ? "" : " bad-ink")}">{Figures.Length(outage.OutageMs)}</td><td class="n">{Figures.Moment(outage.FromMs)}</td><td class="n">{(outage.Recovered ? Figures.Moment(outage.ToMs) : "no end")}</td><td class="soft">{outage.Explanation}</td></tr>
                """))}
            </tbody></table></div>
            """);
}
