import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RequestId } from "../../src/domain/remediation-request.ts";
import type { Operation, OperationResult, RemediationWriter } from "../../src/ports/remediation-writer.ts";
import type { RequestChange, RequestWatch } from "../../src/ports/request-watch.ts";
import { memberLine } from "../support/storm-builders.ts";
import { BORN_MS, ensureOf, ensureStormOf, recordOf } from "../unit/kubernetes/builders.ts";

/** A proxy's writer and its watch. */
export interface WatchedCluster {
  readonly writer: RemediationWriter;
  watch(listen: (change: RequestChange) => void): RequestWatch;
}

/** Watches and the hands of all who act on requests beside them. */
export interface WatchBench {
  /** Exists and holds no requests, nor does the fallback namespace. */
  readonly namespace: string;
  readonly fallbackNamespace: string;
  /** Another proxy; empty `namespaces`: it watches all. */
  open(namespaces: readonly string[]): WatchedCluster;
  setPhase(request: RequestId, phase: string, atMs: number): Promise<void>;
  remove(request: RequestId): Promise<void>;
  /** Writes the whole status as a controller does that knows of phases only. */
  replaceStatus(request: RequestId, phase: string): Promise<void>;
  /** Creates a request past every writer; returns its uid. */
  plant(namespace: string, fingerprint: string, intent: string, name: string): Promise<string>;
  /** What a storm's request lists. */
  storm(request: RequestId): Promise<{ readonly members: readonly string[]; readonly closedAtMs: number | null }>;
  /** The slots that a request shows. */
  slots(request: RequestId): Promise<Readonly<Record<string, number>>>;
}

const SOON = { timeout: 8_000, interval: 20 };
const randomHex = (digits: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(digits)), (byte) => (byte % 16).toString(16)).join("");

/** What every watch over requests promises. */
export function requestWatchContract(name: string, open: () => Promise<WatchBench>): void {
  describe(`RequestWatch contract: ${name}`, () => {
    let bench: WatchBench;
    let fingerprint: string;
    let inStorm: readonly string[];
    let lines: readonly string[];
    const watches: RequestWatch[] = [];
    beforeEach(async () => {
      bench = await open();
      fingerprint = randomHex(64);
      inStorm = [randomHex(64), randomHex(64)];
      lines = inStorm.map((each, n) => memberLine(each, `shop:Pod:web-${n}`));
    });
    afterEach(async () => {
      await Promise.all(watches.splice(0).map((watch) => watch.stop()));
    });

    /** A proxy whose watch is in step, and what that told of this test's requests, in short. */
    const start = async (namespaces: readonly string[] = []) => {
      const { writer, watch: begin } = bench.open(namespaces);
      const changes: RequestChange[] = [];
      const watch = begin((change) => change.subject.startsWith(fingerprint) && changes.push(change));
      watches.push(watch);
      await expect.poll(() => watch.session(), SOON).not.toBeNull();
      const one = async (operation: Operation) => (await writer.perform([operation], 8_000))[0];
      const told = () => changes.map((change) => (change.kind === "seen" ? change.state.phase || "-" : change.kind));
      return { watch, changes, told, one, ensure: (intent: string) => one(ensureOf(fingerprint, intent, bench.namespace)) };
    };
    const created = async ({ ensure }: { ensure(intent: string): Promise<OperationResult | undefined> }, intent: string) => {
      const result = await ensure(intent);
      if (result?.kind !== "created") throw new Error(`not created but ${JSON.stringify(result)}`);
      return result.state;
    };

    const stormOf = async ({ one }: { one(operation: Operation): Promise<OperationResult | undefined> }, window: string) => {
      const result = await one(ensureStormOf(fingerprint, window, inStorm, bench.namespace));
      if (result?.kind !== "storm-created") throw new Error(`not created but ${JSON.stringify(result)}`);
      return result;
    };

    it("tells what there is, then every change in order, all under one session, to each who watches", async () => {
      const first = await start();
      const state = await created(first, "intent-a");
      const second = await start();
      for (const phase of ["Processing", "Blocked", "Completed"]) await bench.setPhase(state, phase, BORN_MS + 1_000);
      await bench.remove(state);
      for (const { told, watch, changes } of [first, second]) {
        await expect.poll(told, SOON).toEqual(["-", "Processing", "Blocked", "Completed", "gone"]);
        const sessions = changes.flatMap((change) => (change.kind === "seen" ? [change.state.session] : []));
        expect(new Set(sessions)).toEqual(new Set([watch.session()]));
        expect(changes.at(-1)).toEqual({ kind: "gone", subject: fingerprint, uid: state.uid });
      }
      expect(first.watch.session()).not.toBe(second.watch.session());
      expect(first.changes[3]).toMatchObject({ state: { uid: state.uid, ended: true, endedAtMs: BORN_MS + 1_000 } });
    });

    it("tells what is counted, by whom, and whether it is resolved", async () => {
      const proxy = await start();
      const state = await created(proxy, "intent-a");
      await proxy.one(recordOf(state, "intent-b", 4, { resolvedAtMs: BORN_MS + 7_000 }));
      await expect.poll(() => proxy.changes.length, SOON).toBe(2);
      expect(proxy.changes[0]).toMatchObject({ slots: { "intent-a": 1 }, resolvedAtMs: null });
      expect(proxy.changes[1]).toMatchObject({ slots: { "intent-a": 1, "intent-b": 4 }, resolvedAtMs: BORN_MS + 7_000 });
    });

    it("gives its session to what its own writer answers, and none to others'", async () => {
      const [proxy, other] = [await start(), bench.open([])];
      const state = await created(proxy, "intent-a");
      const session = proxy.watch.session();
      expect(state.session).toBe(session);
      expect(await proxy.ensure("intent-b")).toMatchObject({ kind: "existing", state: { session } });
      expect(await proxy.one({ kind: "observe", request: state })).toMatchObject({ state: { session } });
      expect(await other.writer.perform([{ kind: "observe", request: state }], 8_000)).toMatchObject([{ state: { session: null } }]);
    });

    it("makes one live request of many intents at once, by two proxies that watch", async () => {
      const proxies = [await start(), await start()];
      const results = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => proxies[n % 2]?.ensure(`intent-${n}`)));
      const uids = results.flatMap((result) => (result && "state" in result ? [result.state.uid] : []));
      expect([results.length, new Set(uids).size]).toEqual([6, 1]);
    });

    it("keeps to the namespaces it is told, and the fallback", async () => {
      const proxy = await start([bench.namespace]);
      await bench.plant(bench.fallbackNamespace, fingerprint, "intent-a", "rr-fallback");
      await bench.plant("default", fingerprint, "intent-b", `rr-${fingerprint.slice(0, 20)}`);
      await bench.plant(bench.namespace, fingerprint, "intent-c", "rr-own");
      const namespaces = () => proxy.changes.flatMap((change) => (change.kind === "seen" ? [change.state.namespace] : [])).sort();
      await expect.poll(namespaces, SOON).toEqual([bench.namespace, bench.fallbackNamespace].sort());
      await proxy.watch.stop();
      await bench.remove({ namespace: "default", name: `rr-${fingerprint.slice(0, 20)}`, uid: "" });
    });

    it("puts back what a controller erases of the count, and how urgent it was", async () => {
      const [proxy] = [await start(), await start()];
      const state = await created(proxy, "intent-a");
      await proxy.one(recordOf(state, "intent-a", 3));
      const urgency = { severity: "critical", priority: "P0" } as const;
      await proxy.one(recordOf(state, "intent-b", 4, { urgency }));
      await bench.replaceStatus(state, "Processing");
      await expect.poll(() => bench.slots(state), SOON).toEqual({ "intent-a": 3, "intent-b": 4 });
      expect(await proxy.one({ kind: "observe", request: state })).toMatchObject({ state: { urgency } });
    });

    it("tells of a storm under the name of its window, and how many it lists", async () => {
      const proxy = await start();
      const window = randomHex(32);
      const { state } = await stormOf(proxy, window);
      await proxy.one(recordOf(state, `intent-${window}`, 2, { storm: { members: lines, closedAtMs: null } }));
      await bench.remove(state);
      await expect.poll(() => proxy.changes.length, SOON).toBe(3);
      const subject = `${fingerprint}.${window}`;
      expect(proxy.changes).toMatchObject([
        { kind: "seen", subject, state: { uid: state.uid, session: proxy.watch.session() }, members: 0 },
        { kind: "seen", subject, members: 2 },
        { kind: "gone", subject, uid: state.uid },
      ]);
    });

    it("answers from what it shows of storms: one of a window, adopted ones, and held alerts", async () => {
      const proxy = await start();
      const window = randomHex(32);
      const [first, second] = [await stormOf(proxy, window), await stormOf(proxy, window)];
      expect(second.state).toMatchObject({ uid: first.state.uid, session: proxy.watch.session() });
      const adopted = await proxy.one(ensureStormOf(fingerprint, randomHex(32), [randomHex(64)], bench.namespace));
      expect(adopted).toMatchObject({ kind: "storm-adopted", state: { uid: first.state.uid }, members: 2 });
      const held = await proxy.one(ensureOf(inStorm[1] ?? "", "intent-x", bench.namespace));
      expect(held).toMatchObject({ kind: "existing", state: { uid: first.state.uid, session: null } });
    });

    it("puts back what a controller erases of a storm's members, and that it takes no more", async () => {
      const [proxy] = [await start(), await start()];
      const window = randomHex(32);
      const { state } = await stormOf(proxy, window);
      const closedAtMs = BORN_MS + 7_000;
      await proxy.one(recordOf(state, `intent-${window}`, 2, { storm: { members: lines, closedAtMs } }));
      await expect.poll(() => proxy.changes.length, SOON).toBe(2);
      await bench.replaceStatus(state, "Processing");
      await expect.poll(() => bench.storm(state), SOON).toEqual({ members: lines, closedAtMs });
    });

    it("takes a second live request back whose creator died, and says what stays", async () => {
      const proxies = [await start(), await start()];
      const uids = [
        await bench.plant(bench.namespace, fingerprint, "intent-a", "rr-1"),
        await bench.plant(bench.namespace, fingerprint, "intent-b", "rr-2"),
      ];
      for (const { told, changes } of proxies) {
        await expect.poll(() => told().at(-1), SOON).toBe("moved");
        const moved = changes.at(-1);
        if (moved?.kind !== "moved") throw new Error("not moved");
        expect([moved.uid, moved.state.uid].sort()).toEqual([...uids].sort());
        expect(changes.filter(({ kind }) => kind !== "seen")).toHaveLength(1);
      }
    });
  });
}
