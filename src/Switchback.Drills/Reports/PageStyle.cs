namespace Switchback.Drills.Reports;

/// <summary>The one style of every page: quiet, for light and dark, for 360 pixels and for paper.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root {
          color-scheme: light dark;
          --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #5a626c; --line: #e2dfd9; --faint: #f1efeb;
          --flow: #1f6f78; --flow-fill: #1f6f7826; --sent: #958f84; --outage: #b4530b; --outage-fill: #e0892b2e; --fault: #b3261e; --switch: #4653a8;
          --good: #1d6b3f; --good-fill: #1d6b3f17; --bad: #b3261e; --bad-fill: #b3261e14;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171a; --card: #1b1f23; --ink: #e8e6e1; --soft: #a3aab3; --line: #31373d; --faint: #22272c;
            --flow: #63bcc4; --flow-fill: #63bcc42e; --sent: #868c95; --outage: #f0a35a; --outage-fill: #f0a35a2e; --fault: #ff8a80; --switch: #a3aeff;
            --good: #7fd0a0; --good-fill: #7fd0a01f; --bad: #ff8a80; --bad-fill: #ff8a801f;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 40px 28px 72px; }
        h1 { font-size: clamp(1.35rem, 1rem + 1.7vw, 2.05rem); line-height: 1.28; font-weight: 600; letter-spacing: -.012em; margin: 14px 0 18px; max-width: 34em; text-wrap: pretty; }
        h2 { font-size: 1.2rem; line-height: 1.3; font-weight: 600; margin: 56px 0 6px; letter-spacing: -.005em; }
        h3 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
        p { margin: 0 0 12px; max-width: 46em; }
        .lead { color: var(--soft); margin-bottom: 20px; }
        .eyebrow { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; color: var(--soft); font-size: .875rem; }
        .badge { font-weight: 600; padding: 2px 11px; border-radius: 99px; color: var(--good); background: var(--good-fill); }
        .badge.bad { color: var(--bad); background: var(--bad-fill); }
        .facts { display: flex; flex-wrap: wrap; gap: 4px 22px; color: var(--soft); font-size: .875rem; margin: 0; padding: 0; list-style: none; }
        .facts b { font-weight: 500; color: var(--ink); }
        .figures { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin: 28px 0 0; }
        .figures div { background: var(--card); padding: 14px 16px 13px; }
        .figures b { display: block; font-size: 1.5rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.01em; white-space: nowrap; }
        .figures span { font-size: .8125rem; line-height: 1.35; color: var(--soft); display: block; margin-top: 3px; }
        .figures .bad b { color: var(--bad); } .figures .warn b { color: var(--outage); }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; margin: 0 0 14px; }
        .scroll { overflow-x: auto; margin: 0 -4px; padding: 0 4px; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.45; }
        th { text-align: left; font-weight: 500; color: var(--soft); padding: 5px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: bottom; }
        td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tr:last-child > td { border-bottom: 0; }
        td:last-child, th:last-child { padding-right: 0; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .t { font-variant-numeric: tabular-nums; white-space: nowrap; color: var(--soft); }
        .soft { color: var(--soft); } .bad-ink { color: var(--bad); font-weight: 600; } .good-ink { color: var(--good); font-weight: 600; }
        code { font: .8125rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        td code { background: var(--faint); border-radius: 4px; padding: 1px 5px; }
        details { border-top: 1px solid var(--line); padding: 0; }
        details:last-of-type { border-bottom: 1px solid var(--line); }
        summary { cursor: pointer; padding: 11px 2px; display: flex; gap: 12px; align-items: baseline; list-style: none; }
        summary::-webkit-details-marker { display: none; }
        summary::before { content: "+"; color: var(--soft); width: .7em; flex: none; font-variant-numeric: tabular-nums; }
        details[open] > summary::before { content: "\2212"; }
        summary b { font-weight: 600; font-variant-numeric: tabular-nums; } summary .soft { font-size: .875rem; }
        summary:focus-visible { outline: 2px solid var(--switch); outline-offset: 2px; border-radius: 4px; }
        .even { table-layout: fixed; min-width: 460px; }
        .records td:first-child { white-space: nowrap; } .records { margin-bottom: 16px; min-width: 640px; }
        .foot { color: var(--soft); font-size: .8125rem; border-top: 1px solid var(--line); margin-top: 56px; padding-top: 18px; }
        .foot p { max-width: 62em; }
        @media (max-width: 860px) { .figures { grid-template-columns: repeat(3, 1fr); } }
        @media (max-width: 560px) {
          main { padding: 24px 16px 48px; } .card { padding: 16px; } h2 { margin-top: 44px; }
          .figures { grid-template-columns: repeat(2, 1fr); } .figures div { padding: 12px 14px; } .figures b { font-size: 1.3rem; }
          .records { min-width: 0; } summary { flex-wrap: wrap; gap: 2px 10px; } summary .soft { flex-basis: 100%; margin-left: calc(.7em + 10px); }
        }
        @media print {
          :root {
            color-scheme: light;
            --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --faint: #f3f3f3;
            --flow: #1f6f78; --flow-fill: #1f6f7826; --sent: #999; --outage: #b4530b; --outage-fill: #e0892b2e; --fault: #b3261e; --switch: #4653a8;
            --good: #1d6b3f; --good-fill: #1d6b3f17; --bad: #b3261e; --bad-fill: #b3261e14;
          }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          body { font-size: 11pt; } main { padding: 0; max-width: none; } h2 { margin-top: 28px; break-after: avoid; }
          .card, .figures, tr, .client { break-inside: avoid; } .scroll { overflow: visible; } .records { min-width: 0; }
          details::details-content { content-visibility: visible; display: block; }
        }
        """;
}
