import { expect, it } from "vitest";
import { type Client, DEAD_LETTERS, PROMETHEUS } from "../client.ts";
import { alertIn, fresh, webhook } from "../payloads.ts";

interface Page {
  readonly total: number;
  readonly deadLetters: readonly { readonly id: string; readonly firstSeen: string; readonly lastSeen: string }[];
}

/** How administrators read what could not be judged. */
export function deadLetterCases(client: () => Client): void {
  const page = async (query: string) => (await client().administer(`${DEAD_LETTERS}${query}`)).json as Page;

  it("lists the latest first, page by page", async () => {
    const bad = Array.from({ length: 5 }, () => ({ ...alertIn(client().target.namespace), status: fresh() }));
    const ids: string[] = [];
    for (const alert of bad) ids.unshift((await client().post(PROMETHEUS, webhook([alert]))).results[0]?.fingerprint ?? "");
    expect((await page("?limit=5")).deadLetters.map(({ id }) => id)).toEqual(ids);
    expect((await page("?limit=2&offset=1")).deadLetters.map(({ id }) => id)).toEqual(ids.slice(1, 3));
    const { total, deadLetters } = await page("?offset=100000");
    expect([total >= 5, deadLetters]).toEqual([true, []]);
    const [latest] = (await page("?limit=1")).deadLetters;
    expect(Math.abs(Date.parse(latest?.lastSeen ?? "") - Date.now())).toBeLessThan(60_000);
  });

  it("says whose they are", async () => {
    const source = client().target.sourceToken === null ? "local" : "shop";
    await client().post(PROMETHEUS, webhook([{ ...alertIn(client().target.namespace), status: fresh() }]));
    expect((await page("?limit=1")).deadLetters).toMatchObject([{ source }]);
  });

  it.each([
    "limit=0",
    "limit=501",
    "limit=-1",
    "limit=1e2",
    "limit=",
    "limit=ten",
    "offset=-1",
    "offset=100001",
    "offset=1.5",
    "offset=%00",
  ])("refuses ?%s with 400", async (query) => {
    const answer = await client().administer(`${DEAD_LETTERS}?${query}`);
    expect([answer.status, answer.json]).toMatchObject([400, { code: "query-invalid" }]);
  });

  it.each(["nowhere", "__proto__", ""])("answers 404 for the cluster %j", async (cluster) => {
    const answer = await client().administer(`${DEAD_LETTERS}?cluster=${cluster}`);
    expect([answer.status, answer.json]).toMatchObject([404, { code: "cluster-unknown" }]);
  });

  it("takes its cluster's name", async () => {
    const { cluster } = (await client().administer(DEAD_LETTERS)).json as { cluster: string };
    expect((await client().administer(`${DEAD_LETTERS}?cluster=${cluster}`)).status).toBe(200);
  });
}
