namespace Switchback.Drills.Reports;

/// <summary>
/// The style of the charts. A chart is an SVG stretched to its box, with strokes that do not stretch; every text is HTML put at a share of the width,
/// so that it keeps its size at any width.
/// </summary>
internal static class ChartStyle
{
    public const string Css = """
        .chart { position: relative; }
        .chart svg { display: block; width: 100%; height: 100%; overflow: visible; }
        .plot { position: relative; height: 74px; border-bottom: 1px solid var(--line); }
        .client { padding: 16px 0 4px; }
        .client + .client { border-top: 1px solid var(--line); margin-top: 12px; }
        .client header { display: flex; flex-wrap: wrap; gap: 0 14px; align-items: baseline; justify-content: space-between; margin-bottom: 26px; }
        .client header span { font-size: .8125rem; color: var(--soft); }
        .sent { fill: none; stroke: var(--sent); stroke-width: 1.25; vector-effect: non-scaling-stroke; }
        .flow { fill: var(--flow-fill); stroke: none; }
        .flow-line { fill: none; stroke: var(--flow); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
        .outage { fill: var(--outage-fill); } .outage-edge { stroke: var(--outage); stroke-width: 1; vector-effect: non-scaling-stroke; }
        .flow-bar { fill: var(--flow); opacity: .8; } .fail-bar { fill: var(--fault); }
        .mark { stroke-width: 1; stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; stroke: var(--soft); }
        .mark.fault { stroke: var(--fault); stroke-dasharray: none; } .mark.switch { stroke: var(--switch); }
        .at { position: absolute; transform: translateX(-50%); white-space: nowrap; font-size: .75rem; line-height: 1; font-variant-numeric: tabular-nums; }
        .at.first { transform: none; } .at.last { transform: translateX(-100%); }
        .long { color: var(--outage); font-weight: 600; top: -17px; } .long.up { top: -30px; }
        .axis { height: 20px; margin-top: 6px; position: relative; color: var(--soft); }
        .axis.end { margin-bottom: 4px; }
        .band { display: flex; gap: 2px; height: 26px; margin-bottom: 0; }
        .band span { background: var(--faint); font-size: .75rem; line-height: 26px; text-align: center; min-width: 0; overflow: hidden; white-space: nowrap; color: var(--soft); }
        .band span:first-child { border-radius: 6px 0 0 6px; } .band span:last-child { border-radius: 0 6px 6px 0; }
        .band .disaster { background: var(--bad-fill); color: var(--bad); }
        .marks { position: relative; height: 26px; margin-top: 8px; }
        .dot { position: absolute; top: 2px; width: 20px; height: 20px; margin-left: -10px; border-radius: 50%; font-size: .6875rem; line-height: 20px; font-weight: 600; text-align: center; color: var(--card); background: var(--soft); }
        .dot.fault { background: var(--fault); } .dot.switch { background: var(--switch); }
        .key { list-style: none; margin: 16px 0 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 390px), 1fr)); gap: 12px 32px; font-size: .875rem; }
        .key > li { display: grid; grid-template-columns: 20px 1fr; gap: 0 10px; line-height: 1.45; }
        .key .dot { position: static; margin: 0; }
        .key div { display: grid; grid-template-columns: 3.6em 1fr; }
        .phases { display: none; font-size: .8125rem; line-height: 1.5; color: var(--soft); margin: 0 0 4px; }
        .phases span { white-space: nowrap; }
        @media (max-width: 720px) { .band .tight { color: transparent; } .phases { display: block; margin: 8px 0 0; } }
        @media (max-width: 560px) { .marks .dot { width: 17px; height: 17px; line-height: 17px; margin-left: -8.5px; } }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: .8125rem; color: var(--soft); margin: 18px 0 0; }
        .legend i { display: inline-block; width: 16px; height: 10px; margin-right: 7px; vertical-align: 0; }
        .legend .i-sent { height: 0; border-top: 2px solid var(--sent); vertical-align: 4px; }
        .legend .i-flow { background: var(--flow-fill); border-top: 2px solid var(--flow); }
        .legend .i-outage { background: var(--outage-fill); border: solid var(--outage); border-width: 0 1px; }
        .bar { display: flex; height: 22px; gap: 2px; margin: 0 0 8px; border-radius: 5px; overflow: hidden; }
        .bar i { min-width: 3px; background: var(--flow); }
        .bar .unknown { background: var(--outage); } .bar .failed { background: var(--sent); } .bar .gone { background: var(--fault); } .bar .found { background: var(--sent); }
        .split { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0 0 20px; padding: 0; list-style: none; font-size: .875rem; }
        .split i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 8px; background: var(--flow); }
        .split .unknown i { background: var(--outage); } .split .failed i, .split .found i { background: var(--sent); } .split .gone i { background: var(--fault); }
        .split b { font-weight: 600; font-variant-numeric: tabular-nums; }
        """;
}
