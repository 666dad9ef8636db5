import { expect, it } from "vitest";
import { type Client, DEAD_LETTERS, PROMETHEUS } from "../client.ts";
import { alertIn, fresh, MARKER, sha256, webhook } from "../payloads.ts";

const ID = "a".repeat(64);

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

  /** Sends an alert that cannot be judged and names its letter. */
  const keep = async (over: object = {}) => {
    const bad = { ...alertIn(client().target.namespace), ...over, status: fresh() };
    const send = async () => (await client().post(PROMETHEUS, webhook([bad]))).results[0];
    const id = (await send())?.fingerprint ?? "";
    return { id, path: `${DEAD_LETTERS}/${id}`, send };
  };

  it("shows one, and lists those of a kind", async () => {
    const { id, path } = await keep();
    const { cluster, deadLetter } = (await client().administer(path)).json as { cluster: string; deadLetter: object };
    expect(deadLetter).toMatchObject({ id, kind: "invalid", reason: "status-invalid", signalType: "prometheus-alert", retrying: false });
    expect((await page(`?kind=invalid&limit=1&cluster=${cluster}`)).deadLetters).toEqual([deadLetter]);
    expect(await page("?kind=refused")).toMatchObject({ total: 0, deadLetters: [] });
  });

  it("forgets one that is discarded, until it comes again, and says in the log by which token", async () => {
    const { id, path, send } = await keep();
    await send();
    const { target } = client();
    // What is told of the last one counts at the end of all.
    const { cluster } = (await client().administer(DEAD_LETTERS)).json as { cluster: string };
    const again = await keep();
    expect(await client().change(`${again.path}/discard`)).toMatchObject({ status: 200, json: { cluster, id: again.id, discarded: true } });
    expect((await client().administer(again.path)).status).toBe(404);
    expect((await client().change(`${again.path}/discard`)).status).toBe(404);
    expect(await again.send()).toMatchObject({ fingerprint: again.id, outcome: "quarantined", occurrenceCount: 1 });
    expect((await client().administer(path)).json).toMatchObject({ deadLetter: { id, count: 2 } });
    const audit = () => target.output().match(/^.*"event":"audit".*"action":"dead-letter-discard".*$/m)?.[0] ?? "";
    await expect.poll(audit).toContain(sha256(target.adminToken).slice(0, 8));
  });

  it("forgets none that are not meant, and demands to be told which are", async () => {
    const { path } = await keep();
    const discard = (query: string) => client().change(`${DEAD_LETTERS}/discard${query}`);
    for (const query of ["?kind=refused", "?source=nobody", "?before=2000-01-01T00:00:00Z"])
      expect(await discard(query)).toMatchObject({ status: 200, json: { discarded: 0, more: false } });
    for (const query of ["", "?kind=dead", "?source=", "?before=soon", "?kind=invalid&limit=1"])
      expect(await discard(query)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
    expect((await client().administer(path)).status).toBe(200);
  });

  it("keeps one whose replay finds it invalid still, or not kept whole", async () => {
    const { path } = await keep();
    expect(await client().change(`${path}/replay`)).toMatchObject({ status: 409, json: { code: "still-invalid" } });
    const large = await keep({ annotations: { summary: MARKER.repeat(4_000) } });
    expect(await client().change(`${large.path}/replay`)).toMatchObject({ status: 409, json: { code: "payload-cut" } });
    for (const kept of [path, large.path]) expect((await client().administer(kept)).status).toBe(200);
  });

  it.each([ID, ID.slice(1), ID.toUpperCase(), "%00", "%ff", "__proto__", MARKER])("answers 404 for the letter %s", async (id) => {
    const unknown = { status: 404, json: { code: "dead-letter-unknown" } };
    expect(await client().administer(`${DEAD_LETTERS}/${id}`)).toMatchObject(unknown);
    for (const action of ["replay", "discard"]) expect(await client().change(`${DEAD_LETTERS}/${id}/${action}`)).toMatchObject(unknown);
  });

  it.each(["replay", "discard"])("refuses to %s with a content type that a page in a browser can send", async (action) => {
    const { path } = await keep();
    const headers = { "content-type": "text/plain", origin: "https://evil.example.com" };
    const answer = await client().send(`${path}/${action}`, { method: "POST", token: client().target.adminToken, headers, body: "{}" });
    expect([answer.status, answer.json]).toMatchObject([415, { code: "content-type-unsupported" }]);
  });

  it.each([
    "kind=",
    "kind=dead",
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
    for (const path of [`${DEAD_LETTERS}/${ID}/replay`, `${DEAD_LETTERS}/${ID}/discard`])
      expect(await client().change(`${path}?cluster=${cluster}`)).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
  });

  it("takes its cluster's name", async () => {
    const { cluster } = (await client().administer(DEAD_LETTERS)).json as { cluster: string };
    expect((await client().administer(`${DEAD_LETTERS}?cluster=${cluster}`)).status).toBe(200);
  });
}
