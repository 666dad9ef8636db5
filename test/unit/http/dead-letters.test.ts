import { beforeEach, describe, expect, it } from "vitest";
import { FORMER_INVALID_REASONS } from "../../../src/domain/alert.ts";
import { Failure } from "../../../src/domain/failure.ts";
import { schemas } from "../../../src/http/openapi/schemas.ts";
import type { DeadLetter, Ledger } from "../../../src/ports/ledger.ts";
import { alertIn } from "../../runtime/payloads.ts";
import { sha256, TOKENS } from "./bench.ts";
import { openRoutes } from "./storm-bench.ts";

const LETTERS = "/api/v1/admin/dead-letters";
const ID = "a".repeat(64);
const letter: DeadLetter = {
  ...{
    id: ID,
    kind: "refused",
    source: "patient",
    reason: "quota",
    count: 2,
    firstSeenMs: 1_800_000_000_000,
    lastSeenMs: 1_800_000_001_000,
  },
  ...{ signalType: "prometheus-alert", payload: JSON.stringify(alertIn("shop")), retrying: true },
};
const shown = {
  ...{ id: ID, kind: "refused", source: "patient", reason: "quota", count: 2, retrying: true },
  ...{ signalType: "prometheus-alert", payload: letter.payload },
  ...{ firstSeen: "2027-01-15T08:00:00.000Z", lastSeen: "2027-01-15T08:00:01.000Z" },
};
const administrator = sha256(TOKENS.admin).slice(0, 8);
const audit = (action: "replay" | "discard", effect: string) => ({
  ...{ event: "audit", action: `dead-letter-${action}`, cluster: "eu", subject: ID, effect, administrator },
});

let asked: unknown[][];
beforeEach(() => {
  asked = [];
});

/** Routes on a ledger that holds one letter and notes what it is asked; `over` replaces single methods. */
function open(over: Partial<Ledger> = {}) {
  const noting =
    <Value>(name: string, value: Value) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return value;
    };
  const eu = {
    deadLetters: noting("deadLetters", { total: 1, letters: [letter] }),
    deadLetter: noting("deadLetter", letter),
    replay: noting("replay", "opened" as const),
    discard: noting("discard", true),
    findLetters: noting("findLetters", { ids: [ID], next: null }),
    discardLetters: noting("discardLetters", 1),
    ...over,
  };
  return openRoutes({ ledgers: { eu, us: {} } });
}
const post = ({ ask }: ReturnType<typeof open>, action: string) => ask(`${LETTERS}/${ID}/${action}?cluster=eu`, { method: "POST" });
const down = () => Promise.reject(new Failure("ledger-unavailable", "for the log only", "unknown"));

describe("dead letters", () => {
  it("are listed page by page, of one kind or all, and shown", async () => {
    const { ask } = open();
    expect((await ask(`${LETTERS}?cluster=eu&offset=1&limit=2&kind=refused`)).json).toEqual({
      cluster: "eu",
      total: 1,
      deadLetters: [shown],
    });
    await ask(`${LETTERS}?cluster=eu`);
    expect((await ask(`${LETTERS}/${ID}?cluster=eu`)).json).toEqual({ cluster: "eu", deadLetter: shown });
    expect(asked).toEqual([
      ["deadLetters", 1, 2, "refused"],
      ["deadLetters", 0, 100, undefined],
      ["deadLetter", ID],
    ]);
  });

  it.each(["kind=", "kind=dead", "kind=refused,invalid", "limit=0", "offset=-1"])("are not listed for ?%s", async (query) => {
    expect(await open().ask(`${LETTERS}?cluster=eu&${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
  });

  it.each(["x", ID.slice(1), `${ID}0`, ID.toUpperCase(), "%00", "__proto__"])(
    "of the id %s do not exist, and no ledger is asked",
    async (id) => {
      const { ask, lines } = open();
      const unknown = { status: 404, json: { code: "dead-letter-unknown" } };
      expect(await ask(`${LETTERS}/${id}?cluster=eu`)).toMatchObject(unknown);
      for (const action of ["replay", "discard"])
        expect(await ask(`${LETTERS}/${id}/${action}?cluster=eu`, { method: "POST" })).toMatchObject(unknown);
      expect([asked, lines]).toEqual([[], []]);
    },
  );

  it("that nobody knows are 404, and audited where they were to be changed", async () => {
    const routes = open({ deadLetter: async () => null, discard: async () => false });
    const unknown = { status: 404, json: { code: "dead-letter-unknown" } };
    expect(await routes.ask(`${LETTERS}/${ID}?cluster=eu`)).toMatchObject(unknown);
    expect(await post(routes, "replay")).toMatchObject(unknown);
    expect(await post(routes, "discard")).toMatchObject(unknown);
    expect(routes.lines).toEqual([audit("replay", "none"), audit("discard", "none")]);
  });

  it("need their cluster's name where there are several", async () => {
    for (const [path, method] of [
      [LETTERS, "GET"],
      [`${LETTERS}/${ID}`, "GET"],
      [`${LETTERS}/${ID}/replay`, "POST"],
      [`${LETTERS}/${ID}/discard`, "POST"],
    ] as const)
      expect(await open().ask(path, { method })).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
  });
});

describe("a replay", () => {
  it("of a request opens it again, wakes the drain, and is audited", async () => {
    const routes = open();
    expect(await post(routes, "replay")).toMatchObject({ status: 202, json: { cluster: "eu", id: ID, replayed: "opened" } });
    expect([asked.at(-1), routes.lines, routes.woken]).toEqual([["replay", ID], [audit("replay", "made")], ["eu"]]);
  });

  it("without room is to be sent again", async () => {
    const { status, headers, json } = await post(open({ replay: async () => "full" }), "replay");
    expect([status, headers.get("retry-after"), json]).toMatchObject([503, "5", { code: "overloaded" }]);
  });

  const invalid = (over: Partial<DeadLetter> = {}): DeadLetter => ({
    ...letter,
    kind: "invalid",
    reason: "namespace-not-allowed",
    retrying: false,
    ...over,
  });
  const settled = {
    kind: "settled",
    outcome: "duplicate",
    request: null,
    occurrences: 3,
    reason: "request-pending",
    rung: "cache",
  } as const;
  const openInvalid = (over: Partial<DeadLetter> = {}) => {
    const calls: unknown[] = [];
    const admit: Ledger["admit"] = async ({ source, delivery, alerts }) => {
      calls.push([source, delivery, alerts.map(({ kind, draft }) => [kind, draft?.spec.signalType])]);
      return [settled];
    };
    return { routes: open({ deadLetter: async () => invalid(over), admit }), calls };
  };

  it("of an alert judges it as its source's, and forgets the letter", async () => {
    const { routes, calls } = openInvalid();
    expect(await post(routes, "replay")).toMatchObject({
      status: 200,
      json: { cluster: "eu", id: ID, replayed: "decided", result: { outcome: "duplicate", occurrenceCount: 3 } },
    });
    await post(routes, "replay");
    expect(calls).toEqual([calls[0], calls[0]]);
    expect(calls[0]).toEqual(["patient", expect.stringMatching(/^[0-9a-f]{32}$/), [["firing", "prometheus-alert"]]]);
    expect([asked[0], routes.lines[0]]).toEqual([["discard", ID, letter.count], audit("replay", "made")]);
  });

  it.each(FORMER_INVALID_REASONS)("judges what was kept as %s, which the API still describes", async (reason) => {
    const { routes } = openInvalid({ reason, payload: JSON.stringify({ ...alertIn("shop"), annotations: 7, startsAt: "of late" }) });
    expect(await post(routes, "replay")).toMatchObject({ status: 200, json: { replayed: "decided" } });
    expect(schemas.DeadLetter).toMatchObject({ properties: { reason: { enum: expect.arrayContaining([reason]) } } });
  });

  it("reads a Kubernetes event as one", async () => {
    const event = { type: "Warning", reason: "OOMKilled", involvedObject: { kind: "Pod", name: "web", namespace: "shop" } };
    const { routes, calls } = openInvalid({ signalType: "kubernetes-event", payload: JSON.stringify(event) });
    expect((await post(routes, "replay")).status).toBe(200);
    expect(calls).toMatchObject([["patient", {}, [["firing", "kubernetes-event"]]]]);
  });

  it.each([
    ["still-invalid", { payload: '{"status":"firing"}' }],
    ["still-invalid", { payload: '{"kind":"Secret"}', signalType: "kubernetes-event" }],
    ["payload-cut", { payload: '{"status":"fir' }],
    ["source-unknown", { source: "gone" }],
  ] as const)("that is %s leaves the letter as it is", async (code, over) => {
    const { routes, calls } = openInvalid(over);
    expect(await post(routes, "replay")).toMatchObject({ status: 409, json: { code } });
    expect([asked, calls, routes.lines]).toEqual([[], [], [audit("replay", "none")]]);
  });
});

describe("a discard", () => {
  it("forgets a letter, and is audited", async () => {
    const routes = open();
    expect(await post(routes, "discard")).toMatchObject({ status: 200, json: { cluster: "eu", id: ID, discarded: true } });
    expect([asked, routes.lines]).toEqual([[["discard", ID]], [audit("discard", "made")]]);
  });
});

describe("a discard of many", () => {
  const discard = ({ ask }: ReturnType<typeof open>, query: string) => ask(`${LETTERS}/discard?${query}`, { method: "POST" });
  const many = (effect: string, subject: string) => ({ ...audit("discard", effect), action: "dead-letters-discard", subject });

  it("goes by kind, source and age, slice by slice, and is audited once, with what was meant", async () => {
    const pages = [
      { ids: ["a", "b"], next: "n" },
      { ids: ["c"], next: null },
    ];
    const routes = open({
      findLetters: async (...args) => {
        asked.push(args);
        return pages.shift() ?? { ids: [], next: null };
      },
      discardLetters: async (ids, filter) => {
        asked.push([ids, filter]);
        return ids.length;
      },
    });
    expect(await discard(routes, "cluster=eu&kind=invalid&source=patient&before=2027-01-15T08:00:00Z")).toMatchObject({
      status: 200,
      json: { cluster: "eu", discarded: 3, more: false },
    });
    const filter = { kind: "invalid", source: "patient", beforeMs: Date.parse("2027-01-15T08:00:00Z") };
    expect(asked).toEqual([
      [filter, 100, undefined],
      [["a", "b"], filter],
      [filter, 100, "n"],
      [["c"], filter],
    ]);
    expect(routes.lines).toEqual([many("made", "kind=invalid source=patient before=2027-01-15T08:00:00.000Z")]);
  });

  it("ends after so many slices, and says that more may be left", async () => {
    const routes = open({ findLetters: async () => ({ ids: ["a"], next: "n" }) });
    expect((await discard(routes, "cluster=eu&kind=refused")).json).toEqual({ cluster: "eu", discarded: 20, more: true });
    expect(asked).toHaveLength(20);
  });

  it("of none is an answer, and audited as nothing done", async () => {
    const routes = open({ findLetters: async () => ({ ids: [], next: null }), discardLetters: async () => 0 });
    expect(await discard(routes, "cluster=eu&source=gone")).toMatchObject({ status: 200, json: { discarded: 0, more: false } });
    expect(routes.lines).toEqual([many("none", "source=gone")]);
  });

  it.each([
    "",
    "kind=",
    "kind=dead",
    "source=",
    "source=a%20b",
    `source=${"a".repeat(41)}`,
    "before=",
    "before=yesterday",
    "before=-1",
    "kind=invalid&sorce=shop",
    "kind=invalid&limit=1",
  ])("is refused for ?%s, as it might mean others than its sender does", async (query) => {
    expect(await discard(open(), `cluster=eu&${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
    expect(asked).toEqual([]);
  });

  it("that failed on its way is audited as such, an administrator's alone, and never a page's in a browser", async () => {
    const routes = open({ discardLetters: down });
    expect((await discard(routes, "cluster=eu&kind=invalid")).status).toBe(503);
    expect(routes.lines.filter((line) => "action" in line)).toEqual([many("unknown", "kind=invalid")]);
    const path = `${LETTERS}/discard?cluster=eu&kind=invalid`;
    for (const token of [null, TOKENS.patient]) expect((await routes.ask(path, { method: "POST", token })).status).toBe(401);
    expect((await routes.ask(path, { method: "POST", token: TOKENS.read })).status).toBe(403);
    expect((await routes.ask(path, { method: "POST", headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await routes.ask(path)).status).toBe(405);
    expect((await discard(routes, "kind=invalid")).status).toBe(404);
  });
});

describe("a change", () => {
  it("that failed may have been made, and is audited too", async () => {
    const routes = open({ replay: down, discard: down });
    for (const action of ["replay", "discard"]) expect((await post(routes, action)).status).toBe(503);
    expect(routes.lines.filter((line) => "action" in line)).toEqual([audit("replay", "unknown"), audit("discard", "unknown")]);
  });

  it("is an administrator's alone, and never a page's in a browser", async () => {
    const { ask, lines } = open();
    for (const action of ["replay", "discard"]) {
      const path = `${LETTERS}/${ID}/${action}?cluster=eu`;
      for (const token of [null, TOKENS.patient]) expect((await ask(path, { method: "POST", token })).status).toBe(401);
      expect((await ask(path, { method: "POST", token: TOKENS.read })).status).toBe(403);
      expect((await ask(path, { method: "POST", headers: { "content-type": "text/plain" } })).status).toBe(415);
      expect((await ask(path)).status).toBe(405);
    }
    expect([asked, lines]).toEqual([[], []]);
  });
});
