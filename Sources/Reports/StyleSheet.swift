/// How a report looks: quiet, on screen by day and night, and on paper.
let styleSheet: HTML = """
    :root {
      --paper: #fdfdfb; --ink: #1d1d1b; --soft: #6a6962; --line: #e4e2db; --shade: #f3f2ed;
      --c0: #2b6cb0; --c1: #c05621; --c2: #2f855a; --c3: #805ad5; --c4: #b7791f; --c5: #4a7a8c;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #171716; --ink: #e7e5df; --soft: #9b9890; --line: #35342f; --shade: #21211f;
        --c0: #6ea8e0; --c1: #e8925c; --c2: #6dbb92; --c3: #ab90ea; --c4: #d9a850; --c5: #86b1c2;
      }
    }
    * { box-sizing: border-box; }
    body {
      max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    h1 { margin: 0; font-size: 1.75rem; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
    h2 { margin: 3rem 0 0.75rem; font-size: 1.2rem; font-weight: 650; }
    h3 { margin: 1.5rem 0 0.25rem; font-size: 1rem; font-weight: 600; }
    .note { margin: 0.25rem 0; color: var(--soft); font-size: 0.875rem; }
    section { overflow-x: auto; }

    table { width: 100%; border-collapse: collapse; }
    th, td { padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: middle; font-weight: 400; }
    tr > :last-child { padding-right: 0; }
    thead th { color: var(--soft); font-size: 0.8125rem; vertical-align: bottom; }
    thead tr { border-bottom: 1px solid var(--ink); }
    tbody tr { border-bottom: 1px solid var(--line); }
    .number { text-align: right; white-space: nowrap; }
    small { color: var(--soft); font-size: 0.75rem; }
    b { font-weight: 650; }
    .results { width: auto; min-width: 50%; margin-bottom: 0.5rem; }
    .results td, .results th { padding-right: 1.75rem; }
    .classes { width: auto; min-width: 50%; }
    .classes td, .classes th { padding-right: 1.75rem; }

    .bar { width: 34%; white-space: nowrap; }
    .bar i { display: inline-block; width: calc(var(--part) * 0.82); height: 0.7rem; background: var(--c0); }
    .bar b { margin-left: 0.5rem; }
    .shares { width: 26%; white-space: nowrap; font-size: 0; }
    .shares i { display: inline-block; width: var(--part); height: 0.7rem; background: var(--key); }

    .key { margin-right: 1rem; white-space: nowrap; }
    .key::before {
      content: ""; display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.4em; background: var(--key);
    }
    .number .key { margin-right: 0; }
    .keys { margin: 0.25rem 0 0.5rem; font-size: 0.8125rem; }
    .color0 { --key: var(--c0); } .color1 { --key: var(--c1); } .color2 { --key: var(--c2); }
    .color3 { --key: var(--c3); } .color4 { --key: var(--c4); } .color5 { --key: var(--c5); }

    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem 2rem; }
    .chart { margin: 0; max-width: 40rem; }
    .chart figcaption { font-size: 0.8125rem; color: var(--soft); }
    .chart .key { margin-left: 1rem; margin-right: 0; }
    .chart svg { display: block; width: 100%; height: auto; }
    .chart text { fill: var(--soft); font-size: 12px; }
    .end { text-anchor: end; } .middle { text-anchor: middle; }
    .grid { stroke: var(--line); } .zero { stroke: var(--soft); }
    polyline { fill: none; stroke: var(--key); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
    .band { fill: var(--key); opacity: 0.18; }

    .pictures { table-layout: fixed; }
    .pictures tr, .pictures thead tr { border: 0; }
    .pictures th, .pictures td { padding: 0.25rem; vertical-align: top; }
    .pictures tbody th, .pictures thead td { width: 6.5rem; font-size: 0.75rem; overflow-wrap: anywhere; }
    .pictures tbody th { color: var(--soft); }
    .pictures img { display: block; width: 100%; height: auto; }

    .settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0 1.5rem; }
    .settings article { min-width: 0; }
    .settings ul { margin: 0.5rem 0; padding-left: 1.1rem; font-size: 0.875rem; }
    pre {
      margin: 0.5rem 0; padding: 0.75rem; background: var(--shade); white-space: pre-wrap; overflow-wrap: anywhere;
      font: 0.75rem/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace;
    }

    @media print {
      @page { margin: 15mm; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      h2, h3 { break-after: avoid; }
      tr, .chart, header { break-inside: avoid; }
      section { overflow: visible; }
      pre { background: none; padding: 0; }
    }
    """
