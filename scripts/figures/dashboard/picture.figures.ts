import { afterAll, beforeAll, it } from "vitest";
import { type Scraped, startScraped } from "../../../test/support/scraped.ts";
import type { Series } from "../../../test/support/scraping.ts";
import { filledIn, type Panel } from "../../monitoring/dashboard/panel.ts";
import { type Line, pageOf, photograph } from "../../monitoring/dashboard/picture.ts";
import { ROWS } from "../../monitoring/dashboard/rows.ts";
import { report } from "../figure.ts";

// The dashboard after three minutes of an installation whose Redis is away for one of them, drawn into docs/dashboard.png.

const LIVES_S = 180;
const STEP_S = 2;
const PICTURE = "docs/dashboard.png";
const TIMES = { rateInterval: "15s", range: `${LIVES_S}s` };

let scraped: Scraped;
beforeAll(async () => {
  scraped = await startScraped();
});
afterAll(async () => await scraped?.stop());

const nameOf = (legend: string, labels: Readonly<Record<string, string>>): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "").trim();

/** Where a value is missing, the line is broken. */
const withGaps = (values: Series["values"]): Line["points"] =>
  values.flatMap(([atS, value], at) => {
    const point = [atS * 1_000, Number.isFinite(Number(value)) ? Number(value) : null] as const;
    const isAfterGap = at > 0 && atS - (values[at - 1]?.[0] ?? 0) > STEP_S;
    return isAfterGap ? [[atS * 1_000 - 1, null] as const, point] : [point];
  });

async function linesOf({ queries }: Panel): Promise<readonly Line[]> {
  const all = await Promise.all(
    queries.map(async ({ expr, legend }) => {
      const series = await scraped.scraping.range(filledIn(expr, TIMES), LIVES_S, STEP_S);
      return series.map(({ metric, values }) => ({ name: nameOf(legend, metric), points: withGaps(values) }));
    }),
  );
  return all.flat().filter(({ points }) => points.length > 0);
}

it("a picture of the dashboard", { timeout: 600_000 }, async (context) => {
  await scraped.live(LIVES_S);
  const panels = ROWS.flatMap((row) => row.panels);
  const lines = await Promise.all(panels.map(linesOf));
  await photograph(await pageOf(async (panel) => lines[panels.indexOf(panel)] ?? []), PICTURE);
  report(context, [
    { name: "dashboard-panels", value: panels.length, unit: "panels" },
    { name: "dashboard-panels-without-data", value: lines.filter(({ length }) => length === 0).length, unit: "panels", bar: { atMost: 0 } },
  ]);
});
