"""The page's style: one column, two colours, the system's own letters."""

CSS = """\
:root {
  color-scheme: light dark;
  --bg: #fcfcfa; --text: #1c2321; --muted: #59635f; --line: #dde2df; --grid: #e8ecea; --card: #f3f5f2;
  --v1: #a4561a; --v2: #0f6b61;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #151918; --text: #e6ecea; --muted: #a0ada9; --line: #36403d; --grid: #262e2c; --card: #1e2422;
    --v1: #e8a263; --v2: #62d2bf;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body {
  margin: 0 auto; padding: 4rem 1.25rem 6rem; max-width: 56rem; background: var(--bg); color: var(--text);
  font: 1.0625rem/1.65 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Inter, "Helvetica Neue", Arial,
    sans-serif;
}
p { max-width: 42rem }
h1, h2, h3 { line-height: 1.2; letter-spacing: -0.015em; text-wrap: balance }
h1 { margin: 0 0 1rem; font-size: clamp(2rem, 6vw, 2.9rem); font-weight: 650 }
h2 {
  margin: 4.5rem 0 0.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); font-size: 1.6rem;
  font-weight: 620
}
h3 { margin: 2.75rem 0 0.5rem; font-size: 1.2rem; font-weight: 620 }
h4 { margin: 2.5rem 0 0.25rem; font-size: 1.0625rem; font-weight: 620 }
h5 { margin: 1.5rem 0 0.25rem; font-size: 1rem; font-weight: 620 }
.why {
  display: grid; grid-template-columns: 4.75rem 1fr; gap: 0.6rem 1rem; margin: 0.5rem 0 2rem;
  max-width: 47.75rem
}
.why dt { color: var(--muted); font-size: 0.9375rem }
.why dd { margin: 0 }
a { color: var(--v2) }
b.v1, .v1 > p b { color: var(--v1) }
b.v2, .v2 > p b { color: var(--v2) }
.lead { font-size: 1.25rem; line-height: 1.55 }
.aside, figcaption { color: var(--muted); font-size: 0.9375rem }
.engines { margin: 0; padding: 0; color: var(--muted); font-size: 0.9375rem; list-style: none }
figure { margin: 1.5rem 0 2rem }
figcaption { margin: 0 0 1rem; max-width: 42rem }

.short {
  display: grid; gap: 1rem; margin: 2rem 0; padding: 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr))
}
.short li { padding: 1.1rem 1.25rem; border-radius: 0.75rem; background: var(--card); list-style: none }
.short li > p {
  margin: 0 0 0.6rem; font-size: 0.9375rem; letter-spacing: 0; color: var(--muted); font-weight: 500
}
.short dl {
  display: grid; grid-template-columns: 1fr auto auto; gap: 0.15rem 1.25rem; margin: 0;
  align-items: baseline
}
.short dt { font-size: 0.9375rem }
.short dd {
  margin: 0; text-align: right; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums;
  white-space: nowrap
}
.short dd small { font-size: 0.8125rem; font-weight: 500 }
.short .v1 { color: var(--v1) }
.short .v2 { color: var(--v2) }

.scroll { overflow-x: auto; margin: 1rem 0 }
.scroll:focus-visible { outline: 2px solid var(--v2); outline-offset: 4px }
table {
  width: 100%; border-collapse: collapse; font-size: 0.9375rem; line-height: 1.45;
  font-variant-numeric: tabular-nums
}
caption { padding: 0 0 0.5rem; text-align: start; color: var(--muted); font-size: 0.875rem }
th, td {
  padding: 0.4rem 0.75rem; border-bottom: 1px solid var(--line); text-align: end; vertical-align: top;
  white-space: nowrap
}
th { font-weight: 550 }
th:first-child, td:first-child { padding-inline-start: 0; text-align: start }
thead th { color: var(--muted); font-weight: 500 }
.words th, .words td { text-align: start; white-space: normal }
.words th { white-space: nowrap }
td.spread { color: var(--muted) }

.two {
  display: grid; gap: 2rem; margin: 1.75rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr))
}
.two figure { margin: 0 }
.sequence { display: block; width: 100%; max-width: 26rem; font-size: 12.5px }
.sequence text { fill: var(--text) }
.sequence .who { text-anchor: middle; font-weight: 600; font-size: 14px }
.sequence .life { stroke: var(--line); stroke-width: 1.5 }
.sequence rect { fill: var(--own); fill-opacity: 0.22; stroke: var(--own); stroke-width: 1 }
.sequence .arrow { fill: none; stroke: var(--own); stroke-linecap: round; stroke-linejoin: round }
.sequence .big { stroke-width: 3 }
.sequence .small { stroke-width: 1.25 }

.v1 { --own: var(--v1) }
.v2 { --own: var(--v2) }
.mode { margin-top: 0.75rem }
.mode > p { margin: 0 0 0.1rem; color: var(--muted); font-size: 0.9375rem }
.lane { display: grid; grid-template-columns: 4.75rem 1fr 9.5rem; gap: 0 1rem; align-items: center }
.lane svg { display: block; overflow: visible }
.lane .label, .lane .told { font-size: 0.875rem; line-height: 1.2 }
.lane .told { font-variant-numeric: tabular-nums }
.bytes .lane { grid-template-columns: 4.75rem 1fr 5.5rem }
.grid { stroke: var(--grid) }
.zero { stroke: var(--muted); stroke-dasharray: 2 3 }
.come { fill: var(--own) }
.edge { stroke: var(--own); stroke-width: 4 }
.wait { fill: var(--own); fill-opacity: 0.2 }
line.voice { stroke: var(--muted); stroke-width: 2; stroke-linecap: round }
.dot { fill: var(--bg); stroke: var(--own); stroke-width: 2 }
.whisker { stroke: var(--text); stroke-width: 1.25; opacity: 0.75 }
.scale text { fill: var(--muted); font-size: 12px }
.key {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0 0 1rem; padding: 0; max-width: none;
  color: var(--muted); font-size: 0.875rem; list-style: none
}
.key li { display: flex; gap: 0.5rem; align-items: center }
.key svg { flex: none; --own: var(--v2) }

@media (max-width: 40rem) {
  body { padding: 2.5rem 1.1rem 4rem; font-size: 1rem }
  h2 { margin-top: 3.25rem }
  .lane, .bytes .lane { grid-template-columns: 1fr auto; gap: 0 1rem; margin-bottom: 0.3rem }
  .why { grid-template-columns: 1fr; gap: 0 }
  .why dd { margin: 0 0 0.75rem }
  .lane svg { grid-row: 2; grid-column: 1 / -1 }
  .lane .told { color: var(--muted); text-align: end }
  .scale .label, .scale .told { display: none }
  .words, .words tbody, .words tr, .words th, .words td { display: block }
  .words thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  .words tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line) }
  .words th, .words td { padding: 0.1rem 0; border: 0 }
  .words td[data-of]::before { content: attr(data-of) ": "; font-weight: 600 }
}
@media print {
  :root {
    color-scheme: light;
    --bg: #fff; --text: #000; --muted: #444; --line: #bbb; --grid: #ddd; --card: #fff;
    --v1: #8a4410; --v2: #0b564e;
  }
  body { padding: 0; max-width: none; font-size: 10.5pt }
  h2 { margin-top: 2rem }
  h2, h3, h4, h5, figcaption, caption { break-after: avoid }
  figure, table, .short li, .two { break-inside: avoid }
  .short li { border: 1px solid var(--line) }
  .scroll { overflow: visible }
}
"""
