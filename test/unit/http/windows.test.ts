import { describe, expect, it } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import type { Ledger, Member, WindowSight } from "../../../src/ports/ledger.ts";
import { draft, fingerprint } from "../../support/ledger-builders.ts";
import { sha256, TOKENS } from "./bench.ts";
import { openRoutes } from "./storm-bench.ts";

const WINDOWS = "/api/v1/admin/windows";
const SWEEP = "/api/v1/admin/sweep";
const ID = `${"a".repeat(64)}.${"b".repeat(32)}`;
const FLUSH = `${WINDOWS}/${ID}/flush`;

const sight: WindowSight = {
  subject: ID,
  state: "buffering",
  namespace: "shop",
  alertname: "HighCpu",
  members: 2,
  occurrences: 7,
  threshold: 5,
  openedAtMs: 1_800_000_000_000,
  dueAtMs: 1_800_000_045_000,
  request: null,
};
const shown = {
  id: ID,
  state: "buffering",
  namespace: "shop",
  alertname: "HighCpu",
  members: 2,
  occurrenceCount: 7,
  threshold: 5,
  openedAt: "2027-01-15T08:00:00.000Z",
  dueAt: "2027-01-15T08:00:45.000Z",
  remediationRequest: null,
};
const member: Member = { seq: 3, fingerprint: fingerprint("web"), target: "shop:Pod:web", draft: draft("web") };

/** Routes on a ledger that notes what it is asked; `ledger` replaces single methods. */
function open(ledger: Partial<Ledger> = {}, sweep?: (cluster: string) => Promise<void>) {
  const asked: unknown[][] = [];
  const noting =
    <Value>(name: string, value: Value) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return value;
    };
  const live: WindowSight = { ...sight, state: "live", dueAtMs: null, request: { namespace: "shop", name: "rr-storm-1" } };
  const eu = {
    windows: noting("windows", { total: 2, windows: [sight, live] }),
    window: noting("window", { window: sight, members: [member] }),
    flush: noting("flush", true),
    ...ledger,
  };
  return { ...openRoutes({ ledgers: { eu, us: { windows: noting("us", { total: 0, windows: [] }) } }, ...(sweep && { sweep }) }), asked };
}
const down = () => Promise.reject(new Failure("ledger-unavailable", "for the log only", "unknown"));

describe("windows", () => {
  it("are listed page by page, of one cluster", async () => {
    const { ask, asked } = open();
    expect(await ask(`${WINDOWS}?cluster=eu&offset=1&limit=2`)).toMatchObject({
      status: 200,
      json: {
        cluster: "eu",
        total: 2,
        windows: [shown, { ...shown, state: "live", dueAt: null, remediationRequest: { namespace: "shop", name: "rr-storm-1" } }],
      },
    });
    expect((await ask(`${WINDOWS}?cluster=us`)).json).toEqual({ cluster: "us", total: 0, windows: [] });
    expect(asked).toEqual([
      ["windows", 1, 2],
      ["us", 0, 100],
    ]);
  });

  it("show their alerts, in parts", async () => {
    const { ask, asked } = open();
    expect((await ask(`${WINDOWS}/${ID}?cluster=eu&after=2&limit=1`)).json).toEqual({
      cluster: "eu",
      window: shown,
      members: [
        {
          seq: 3,
          fingerprint: fingerprint("web"),
          target: "shop:Pod:web",
          severity: "warning",
          source: "test",
          startsAt: "2026-01-01T00:00:00.000Z",
          labels: { alertname: "web" },
        },
      ],
    });
    expect(asked).toEqual([["window", ID, 2, 1]]);
  });

  it.each(["offset=-1", "limit=0", "limit=501", "offset=1e3", "limit="])("are not listed for ?%s", async (query) => {
    expect(await open().ask(`${WINDOWS}?cluster=eu&${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
  });

  it.each(["after=-1", "limit=501", "after=x"])("are not shown for ?%s", async (query) => {
    expect(await open().ask(`${WINDOWS}/${ID}?cluster=eu&${query}`)).toMatchObject({ status: 400, json: { code: "query-invalid" } });
  });

  it("need their cluster's name where there are several", async () => {
    for (const query of ["", "?cluster=nowhere", "?cluster=__proto__"])
      for (const [path, method] of [
        [WINDOWS, "GET"],
        [`${WINDOWS}/${ID}`, "GET"],
        [FLUSH, "POST"],
        [SWEEP, "POST"],
      ] as const)
        expect(await open().ask(path + query, { method })).toMatchObject({ status: 404, json: { code: "cluster-unknown" } });
  });

  it.each(["x", ID.slice(1), `${ID}0`, ID.toUpperCase(), ID.replace(".", "-"), `${"a".repeat(64)}`, `${ID}%0a`, "%00", "__proto__"])(
    "of the id %s do not exist, and no ledger is asked",
    async (id) => {
      const { ask, asked, lines } = open();
      expect(await ask(`${WINDOWS}/${id}?cluster=eu`)).toMatchObject({ status: 404, json: { code: "window-unknown" } });
      expect(await ask(`${WINDOWS}/${id}/flush?cluster=eu`, { method: "POST" })).toMatchObject({
        status: 404,
        json: { code: "window-unknown" },
      });
      expect([asked, lines]).toEqual([[], []]);
    },
  );

  it("that nobody knows are 404", async () => {
    const { ask } = open({ window: async () => null });
    expect(await ask(`${WINDOWS}/${ID}?cluster=eu`)).toMatchObject({ status: 404, json: { code: "window-unknown" } });
  });
});

describe("a change", () => {
  const administrator = sha256(TOKENS.admin).slice(0, 8);
  const flushed = { event: "audit", action: "window-flush", cluster: "eu", subject: ID, administrator };
  const swept = { event: "audit", action: "sweep", cluster: "us", subject: null, administrator };

  it("flushes a window, wakes the drain, and is audited", async () => {
    const { ask, asked, lines, woken } = open();
    expect(await ask(`${FLUSH}?cluster=eu`, { method: "POST" })).toMatchObject({
      status: 202,
      json: { cluster: "eu", id: ID, flushed: true },
    });
    expect([asked, lines, woken]).toEqual([[["flush", ID]], [{ ...flushed, effect: "made" }], ["eu"]]);
  });

  it("that finds no open window is audited as such", async () => {
    const { ask, lines, woken } = open({ flush: async () => false });
    expect(await ask(`${FLUSH}?cluster=eu`, { method: "POST" })).toMatchObject({ status: 404, json: { code: "window-unknown" } });
    expect([lines, woken]).toEqual([[{ ...flushed, effect: "none" }], []]);
  });

  it("sweeps one cluster, and is audited", async () => {
    const cleaned: string[] = [];
    const { ask, lines } = open({}, async (cluster) => void cleaned.push(cluster));
    expect(await ask(`${SWEEP}?cluster=us`, { method: "POST", body: "{}" })).toMatchObject({
      status: 200,
      json: { cluster: "us", swept: true },
    });
    expect([cleaned, lines]).toEqual([["us"], [{ ...swept, effect: "made" }]]);
  });

  it("that failed may have been made, and is audited too", async () => {
    const { ask, lines } = open({ flush: down }, down);
    for (const path of [`${FLUSH}?cluster=eu`, `${SWEEP}?cluster=us`]) {
      const { status, headers } = await ask(path, { method: "POST" });
      expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
    }
    expect(lines.filter((line) => "action" in line)).toEqual([
      { ...flushed, effect: "unknown" },
      { ...swept, effect: "unknown" },
    ]);
  });

  it("is refused with another content type, as a page in a browser could send it, and nothing is done", async () => {
    const { ask, asked, lines } = open();
    for (const path of [`${FLUSH}?cluster=eu`, `${SWEEP}?cluster=us`])
      for (const type of ["text/plain", "application/x-www-form-urlencoded", ""])
        expect(await ask(path, { method: "POST", headers: { "content-type": type } })).toMatchObject({
          status: 415,
          json: { code: "content-type-unsupported" },
        });
    expect([asked, lines]).toEqual([[], []]);
  });

  it("is an administrator's alone", async () => {
    const { ask, asked, lines } = open();
    for (const path of [FLUSH, SWEEP]) {
      for (const token of [null, TOKENS.patient, sha256(TOKENS.admin)])
        expect((await ask(path, { method: "POST", token })).status).toBe(401);
      expect((await ask(path, { method: "POST", token: TOKENS.read })).status).toBe(403);
    }
    expect([asked, lines]).toEqual([[], []]);
  });

  it("takes its own method only", async () => {
    for (const [path, method, allow] of [
      [FLUSH, "GET", "POST"],
      [SWEEP, "GET", "POST"],
      [WINDOWS, "POST", "GET, HEAD"],
      [`${WINDOWS}/${ID}`, "DELETE", "GET, HEAD"],
    ] as const) {
      const { status, headers } = await open().ask(path, { method });
      expect([status, headers.get("allow")]).toEqual([405, allow]);
    }
  });
});
