using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>What each proxy counted itself, and when it reached no broker.</summary>
internal static class ProxiesSection
{
    public static Html Render(Verdict verdict) => Html.When(verdict.Proxies.Count > 0, $"""
        <h2>What the proxies counted</h2>
        <p class="lead">Each pod’s proxy was asked for its metrics once a second; these are its own words, as it was last asked.</p>
        <div class="card"><div class="scroll"><table class="proxies"><thead><tr><th>Proxy of</th><th>Cluster</th><th class="n">From</th><th class="n">To</th><th class="n">Connections</th><th class="n">Errors</th><th class="n">Requests</th><th class="n">Sent</th><th class="n">Received</th><th>Reached no broker</th></tr></thead><tbody>
        {verdict.Proxies.Select(Row)}
        </tbody></table></div></div>

        """);

    private static Html Row(ProxyVerdict proxy) => Html.Of($"""
        <tr data-pod="{proxy.Pod}"><td>{proxy.Client}<br><span class="soft">{proxy.Pod}</span></td><td>{proxy.Cluster}</td><td class="n t">{Figures.Moment(proxy.FromMs)}</td><td class="n t">{Figures.Moment(proxy.ToMs)}</td><td class="n">{Figures.Count(proxy.Connections)}</td><td class="n">{Figures.Count(proxy.Errors)}</td><td class="n">{Figures.Count(proxy.Requests)}</td><td class="n">{Figures.Bytes(proxy.RequestBytes)}</td><td class="n">{Figures.Bytes(proxy.ResponseBytes)}</td><td class="soft">{Away(proxy)}</td></tr>
        """);

    private static string Away(ProxyVerdict proxy) => proxy.UpstreamAway.Count == 0
        ? "never"
        : string.Join(", ", proxy.UpstreamAway.Select(away => $"{Figures.Moment(away.FromMs)} to {Figures.Moment(away.ToMs)}"));
}
