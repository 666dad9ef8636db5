import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import * as echarts from "echarts";
import type { Panel } from "./panel.ts";
import { ROWS } from "./rows.ts";

/** A line of a panel: its name, and its values over time. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
}

/** What a panel shows, query by query. */
export type LinesOf = (panel: Panel) => Promise<readonly Line[]>;

/** As wide as three panels, in pixels. */
const WIDTH = 1_500;
const HEIGHTS = { lines: 240, stacked: 240, stat: 110 } as const;
const COLUMNS = { lines: 3, stacked: 3, stat: 4 } as const;

const UNITS: Readonly<Record<Panel["unit"], (value: number) => string>> = {
  short: (value) => `${round(value)}`,
  cps: (value) => `${round(value)}/s`,
  reqps: (value) => `${round(value)}/s`,
  s: (value) => (value < 1 && value > 0 ? `${round(value * 1_000)} ms` : `${round(value)} s`),
  percentunit: (value) => `${round(value * 100)} %`,
};
const round = (value: number): number => Number(value.toPrecision(3));

function chart({ kind, unit }: Panel, lines: readonly Line[], width: number, height: number): string {
  const drawn = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  drawn.setOption({
    animation: false,
    grid: { left: 60, right: 12, top: 10, bottom: 60 },
    legend: { type: "scroll", bottom: 0, textStyle: { fontSize: 10 }, itemWidth: 12, itemHeight: 6 },
    xAxis: { type: "time", axisLabel: { fontSize: 10 } },
    yAxis: {
      type: "value",
      min: kind === "lines" ? (value: { min: number }) => Math.min(0, value.min) : undefined,
      axisLabel: { fontSize: 10, formatter: UNITS[unit] },
    },
    series: lines.map(({ name, points }) => ({
      ...{ type: "line", name, data: points, showSymbol: false, lineStyle: { width: 1.2 } },
      ...(kind === "stacked" && { stack: "all", areaStyle: { opacity: 0.2 } }),
    })),
  });
  const svg = drawn.renderToSVGString();
  drawn.dispose();
  return svg;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function panelHtml(panel: Panel, lines: readonly Line[]): string {
  const width = Math.floor(WIDTH / COLUMNS[panel.kind]) - 12;
  const last = lines[0]?.points.at(-1)?.[1] ?? null;
  const body =
    panel.kind === "stat"
      ? `<b>${last === null ? "" : UNITS[panel.unit](last)}</b>`
      : chart(panel, lines, width - 16, HEIGHTS[panel.kind] - 30);
  return `<div class="panel ${panel.kind}" style="width:${width}px;height:${HEIGHTS[panel.kind]}px"><h2>${escaped(panel.title)}</h2>${body}</div>`;
}

const STYLE = `body{margin:0;padding:8px;width:${WIDTH}px;background:#f4f5f5;font-family:sans-serif}
h1{font-size:15px;margin:10px 4px 4px;clear:both}h2{font-size:12px;margin:0 0 4px}
.panel{float:left;box-sizing:border-box;margin:4px 6px;padding:6px 8px;background:#fff;border:1px solid #ddd;border-radius:2px}
.stat b{display:block;font-size:44px;text-align:center;color:#3274d9}`;

/** The dashboard as a page, drawn by a library for charts, as Grafana itself cannot be had everywhere. */
export async function pageOf(linesOf: LinesOf): Promise<{ readonly html: string; readonly heightPx: number }> {
  const parts: string[] = [];
  let heightPx = 20;
  for (const { title, panels } of ROWS) {
    parts.push(`<h1>${escaped(title)}</h1>`);
    for (const panel of panels) parts.push(panelHtml(panel, await linesOf(panel)));
    heightPx += 32 + heightOf(panels);
  }
  return { html: `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${parts.join("")}`, heightPx };
}

function heightOf(panels: readonly Panel[]): number {
  const sum = (kind: Panel["kind"]) =>
    Math.ceil(panels.filter((panel) => panel.kind === kind).length / COLUMNS[kind]) * (HEIGHTS[kind] + 8);
  const graphs = panels.filter(({ kind }) => kind !== "stat").length;
  return sum("stat") + Math.ceil(graphs / COLUMNS.lines) * (HEIGHTS.lines + 8);
}

/** Has Chromium draw a page into a PNG file. */
export async function photograph({ html, heightPx }: { readonly html: string; readonly heightPx: number }, file: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-picture-"));
  try {
    writeFileSync(join(dir, "page.html"), html);
    await promisify(execFile)("chromium", [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", `--user-data-dir=${dir}`],
      ...[`--window-size=${WIDTH + 16},${heightPx}`, `--screenshot=${resolve(file)}`, `file://${dir}/page.html`],
    ]);
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}
