import { THEME } from "./theme.ts";

/** The page's style sheet. */
export const STYLE = `
${THEME}* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 var(--font); font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere }
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px }
header { padding-top: 36px; display: grid; grid-template-columns: 1fr auto; gap: 4px 16px; align-items: start }
header p { margin: 0; color: var(--quiet); grid-column: 1 / -1 }
h1 { font-size: 2rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0 }
.mark { width: 1em; height: 1em; margin-right: .35em; vertical-align: -.1em } .mark rect { fill: #8a3ffc }
.mark path { fill: none; stroke: #fff; stroke-width: 2.5; stroke-linecap: round }
h2 { font-size: 1.45rem; letter-spacing: -0.015em; margin: 0 0 12px; line-height: 1.25 }
h3 { font-size: 1.02rem; margin: 0; line-height: 1.35 } h4 { font-size: .9rem; margin: 0 }
a { color: var(--accent-text) }
nav { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 14px; padding: 10px 0;
  border-block: 1px solid var(--line); font-size: .9rem }
nav a { color: inherit; text-decoration: none } nav a:hover { text-decoration: underline }
section { margin: 40px 0; scroll-margin-top: 12px }
figure { margin: 18px 0; padding: 18px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 12px }
figcaption p { margin: 4px 0 0; color: var(--quiet); font-size: .9rem; max-width: 75ch }
.note { color: var(--quiet); font-size: .85rem; margin: 8px 0 0 }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 8px; padding: 4px 12px;
  cursor: pointer } button:hover { border-color: var(--quiet) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.advice { background: var(--advice); border-radius: 16px; padding: 24px 26px; border-left: 6px solid var(--accent) }
.advice h2 { font-size: 1rem; margin: 0; color: var(--accent-text); letter-spacing: 0 }
.headline { font-size: clamp(1.7rem, 5vw, 2.6rem); font-weight: 700; line-height: 1.15; letter-spacing: -0.02em; margin: 4px 0 14px }
.advice ul { margin: 0; padding-left: 1.15em; max-width: 80ch } .advice li { margin: 5px 0 }
.limits { margin-top: 16px; padding-top: 14px; border-top: 1px solid var(--line) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(158px, 1fr)); gap: 12px; margin: 0 }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px }
.tiles dt { color: var(--quiet); font-size: .85rem } .tiles dd { margin: 0 }
.tiles b { display: block; font-size: 1.55rem; line-height: 1.25; letter-spacing: -0.02em; white-space: nowrap }
.tiles span { color: var(--quiet); font-size: .8rem; line-height: 1.35; display: block }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 12px 0 6px; font-size: .85rem }
.legend li { display: flex; align-items: center; gap: 6px }
.legend i { width: 14px; height: 14px; border-radius: 3px; display: inline-block; background: currentColor; flex: none }
${[1, 2, 3, 4, 5, 6].map((hue) => `.legend i.hue-${hue} { background: var(--label-${hue}) } .frame.hue-${hue}, svg.hue-${hue}, path.hue-${hue} { --hue: var(--label-${hue}) }`).join("\n")}
.legend i.strong { background: var(--strong) } .legend i.weak { background: var(--weak) }
.legend i.covered, .legend i.s-all { background: var(--covered) } .legend i.gap, .legend i.s-few { background: var(--gap) }
.legend i.s-most { background: color-mix(in oklab, var(--covered) 55%, var(--card)) }
.legend i.s-half { background: color-mix(in oklab, var(--gap) 45%, var(--card)) }
.unknown, .legend i.unknown { background: repeating-linear-gradient(45deg, transparent 0 4px, var(--hatch) 4px 5px) }
figure { min-width: 0 } .coverage-rows .name, .quantiles span:first-child { overflow-wrap: anywhere; min-width: 0 }
figure svg { display: block; max-width: 100%; height: auto; overflow: visible } .narrow { display: none }
figure svg g[aria-label$="grid"] { stroke: var(--line); stroke-opacity: 1 }
.scroll { overflow-x: auto; max-width: 100% }
table { border-collapse: collapse; width: 100%; font-size: .88rem; margin-top: 10px }
caption { text-align: left; font-weight: 600; padding: 6px 0; font-size: .88rem }
th, td { overflow-wrap: break-word; padding: 6px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
thead th { color: var(--quiet); font-weight: 600; border-bottom-color: var(--quiet) } tbody th { font-weight: 500 } .sortable tbody th:first-child { min-width: 7.5em; max-width: 22em; overflow-wrap: anywhere }
.number { text-align: right; white-space: nowrap } thead .number { white-space: normal }
.sortable th button { border: 0; padding: 0; font-weight: inherit; text-align: inherit; border-radius: 3px }
.sortable th button::after { content: " ↕"; opacity: .4 } [aria-sort=ascending] button::after { content: " ↑"; opacity: 1 }
[aria-sort=descending] button::after { content: " ↓"; opacity: 1 } [aria-sort] { color: var(--ink) }
.sweep { table-layout: fixed; border-collapse: separate; border-spacing: 2px; font-size: .8rem }
.sweep th, .sweep td { padding: 4px 3px; border: 0; text-align: center; vertical-align: middle; white-space: nowrap }
.sweep td.number, .sweep th.number { text-align: right } .sweep caption { white-space: normal } .sweep th:first-child { width: 3.6em; text-align: right; padding-right: 6px } .sweep .money { width: 5.6em }
td.cell { border-radius: 4px } .sweep .wide { display: inline; opacity: .7 }
.m0 { background: var(--m0) } .m1 { background: var(--m1) } .m2 { background: var(--m2) } .m3 { background: var(--m3) }
.m4 { background: var(--m4) } .m5 { background: var(--m5) }
td.m4 { color: light-dark(#000, #fff) } td.m5 { color: light-dark(#fff, #000) } td.unknown { color: var(--quiet) }
.legend i.cell { border: 1px solid var(--line) } .legend i.m0 { background: var(--m0) } .legend i.m1 { background: var(--m1) }
.legend i.m2 { background: var(--m2) } .legend i.m3 { background: var(--m3) } .legend i.m4 { background: var(--m4) } .legend i.m5 { background: var(--m5) }
td.advised { outline: 3px solid var(--accent); font-weight: 700 }
.coverage-rows { display: grid; grid-template-columns: fit-content(42%) minmax(0, 1fr) max-content; gap: 4px 12px; align-items: center; font-size: .82rem; margin-top: 10px }
figure svg.strip { width: 100%; height: 13px; background: light-dark(#f1efea, #262b33); border-radius: 3px; overflow: hidden }
.s-all { fill: var(--covered) } .s-most { fill: color-mix(in oklab, var(--covered) 55%, var(--card)) }
.s-half { fill: color-mix(in oklab, var(--gap) 45%, var(--card)) } .s-few { fill: var(--gap) }
.cameras, .gallery { list-style: none; margin: 14px 0 0; padding: 0; display: grid; gap: 22px 26px; grid-template-columns: repeat(auto-fill, minmax(215px, 1fr)) }
.cameras li { break-inside: avoid } .cameras .note { margin: 0 0 6px; font-size: .78rem }
figure svg.bars { width: 100%; height: 44px; border-bottom: 1px solid var(--quiet) } .bars path { fill: var(--hue) }
.cameras svg.strip { height: 6px; margin-top: 3px; border-radius: 2px }
.quantiles { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr) max-content; gap: 1px 8px; align-items: center; font-size: .72rem; margin-top: 8px }
.quantiles svg { width: 100%; height: 12px } .quantiles path { stroke: var(--hue); stroke-width: 2; vector-effect: non-scaling-stroke; fill: none }
.quantiles .median { stroke-width: 4 }
.gallery { grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)) } .gallery p { margin: 6px 0 0; line-height: 1.4 } .gallery p.note { margin: 0 }
.frame { position: relative; border-radius: 12px; overflow: hidden; background: var(--line); color-scheme: dark } .frame img { display: block; width: 100%; height: auto }
figure .frame svg { position: absolute; inset: 0; width: 100%; height: 100% } .missing { border-radius: 8px }
.gallery rect { fill: none; stroke: var(--hue); stroke-width: 2.5; vector-effect: non-scaling-stroke } .gallery rect.halo { stroke: #000; stroke-opacity: .55; stroke-width: 5 }
.missing { aspect-ratio: 16 / 9; display: grid; place-items: center; text-align: center; padding: 12px; font-size: .82rem; color: var(--quiet); background: var(--paper); border: 1px dashed var(--hatch) }
details { margin-top: 12px; font-size: .9rem } summary { cursor: pointer; color: var(--quiet) } summary:hover { color: inherit }
.model { max-width: 80ch } .model li { margin: 6px 0 } .more summary { font-weight: 600; color: inherit }
.sql > div { position: relative } .sql button { position: absolute; right: 8px; top: 8px; font-size: .8rem; background: var(--card) }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 12px; max-height: 360px; overflow: auto; font-size: .78rem; line-height: 1.45; margin: 8px 0 0; overflow-wrap: normal }
.synthetic { border: 1px dashed var(--hatch); border-radius: 8px; padding: 8px 12px } .empty { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 26px } .empty code { background: var(--paper); padding: 1px 5px; border-radius: 4px }
footer { color: var(--quiet); font-size: .85rem; padding-bottom: 48px; border-top: 1px solid var(--line); padding-top: 16px; margin-top: 48px }
@media (max-width: 640px) {
  main, header, footer { padding-inline: 14px } figure { padding: 14px 12px } .advice { padding: 18px 16px }
  .wide { display: none } .narrow { display: block } .sweep .wide { display: none } .spare { display: none }
  .sweep { border-spacing: 1px; font-size: .78rem } .tiles { grid-template-columns: 1fr 1fr } .tiles b { font-size: 1.3rem }
  .sortable thead tr { display: flex; flex-wrap: wrap; gap: 2px 12px } .sortable thead th { border: 0; padding: 2px 0 }
  .sortable tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 16px; padding: 8px 0; border-bottom: 1px solid var(--line) }
  .sortable tbody :is(th, td) { border: 0; padding: 1px 0; display: flex; justify-content: space-between; gap: 8px; min-width: 0; overflow-wrap: anywhere }
  .sortable tbody th:first-child { grid-column: 1 / -1; max-width: none; font-weight: 600 } .sortable tbody td::before { content: attr(data-head); color: var(--quiet); text-align: left; white-space: normal }
  .gallery { grid-template-columns: 1fr 1fr; gap: 14px 12px }
  h1 { font-size: 1.6rem } section { margin: 30px 0 } .cameras { grid-template-columns: 1fr 1fr; gap: 18px 16px }
}
@media print {
  :root { color-scheme: light } body { font-size: 11pt; background: none } main, header, footer { max-width: none; padding-inline: 0 }
  nav, button[data-theme-button], .sql { display: none } figure, .tiles div, .advice { break-inside: avoid }
  figure:has(.cameras), figure:has(.coverage-rows), figure:has(table) { break-inside: auto }
  .wide { display: block } .sweep .wide { display: inline } .narrow { display: none } .spare { display: table-cell }
  details.model::details-content, details.more::details-content { content-visibility: visible; block-size: auto }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact } .scroll { overflow: visible }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
`;
