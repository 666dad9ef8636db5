import { afterAll, beforeAll, expect, it } from "vitest";
import { filledIn } from "../../scripts/monitoring/dashboard/panel.ts";
import { ROWS } from "../../scripts/monitoring/dashboard/rows.ts";
import { type Scraped, startScraped } from "../support/scraped.ts";

const LIVES_S = 30;
const TIMES = { rateInterval: "10s", range: "60s" };

let scraped: Scraped;
beforeAll(async () => {
  scraped = await startScraped();
  await scraped.live(LIVES_S);
}, 120_000);
afterAll(async () => await scraped?.stop());

const queries = ROWS.flatMap(({ panels }) =>
  panels.flatMap(({ title, queries: all }) => all.map(({ expr, legend }) => [title, legend, expr] as const)),
);

it.each(queries)("%s shows %s", async (_, legend, expr) => {
  const series = await scraped.scraping.range(filledIn(expr, TIMES), 60, 1);
  expect(series.length).toBeGreaterThan(0);
  expect(series.some(({ values }) => values.some(([, value]) => Number.isFinite(Number(value))))).toBe(true);
  // A legend names only labels that its series have, but where nothing has happened.
  const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
  const told = series.filter(({ metric }) => Object.keys(metric).length > 0);
  for (const { metric } of told) expect(Object.keys(metric)).toEqual(expect.arrayContaining(named.filter((label) => label !== "cluster")));
});
