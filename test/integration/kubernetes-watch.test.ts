import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { manifestFor } from "../../src/adapters/kubernetes/manifest.ts";
import type { Timing } from "../../src/adapters/kubernetes/pace.ts";
import { pause } from "../../src/adapters/kubernetes/pause.ts";
import { createRequestFeed } from "../../src/adapters/kubernetes/request-feed.ts";
import { isLive, type StoredRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import type { RequestChange, RequestWatch } from "../../src/ports/request-watch.ts";
import { requestWatchContract } from "../contract/request-watch.contract.ts";
import { openProxyOn, replaceStatus, watchBench } from "../contract/watch-bench.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { freshNamespace, realParts } from "../support/real-parts.ts";
import { draftFor, ensureOf, recordOf } from "../unit/kubernetes/builders.ts";

const SOON = { timeout: 10_000, interval: 20 };
const connect = (kubeConfig = realParts().kubeconfigPath) => openKubernetes({ kubeConfig, timeoutMs: 5_000 });
const fingerprintOf = (n: number) => n.toString(16).padStart(4, "0").repeat(16);

requestWatchContract("on a real API server", async () =>
  watchBench(connect(), await freshNamespace("watch"), await freshNamespace("fallback")),
);

const watches: RequestWatch[] = [];
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.stop()));
});

/** A proxy with a watch that is in step. */
async function start(options: Parameters<typeof openProxyOn>[1], kubeConfig?: string) {
  const { writer, watch: begin } = openProxyOn(connect(kubeConfig), options);
  const changes: RequestChange[] = [];
  const watch = begin((change) => changes.push(change));
  watches.push(watch);
  await expect.poll(() => watch.session(), SOON).not.toBeNull();
  return { writer, watch, changes };
}

describe("a watch on a real API server", () => {
  it("is told that what it missed is forgotten", async () => {
    const feed = createRequestFeed(connect());
    const read = async () => {
      for await (const _ of await feed.watch("default", "1", new AbortController().signal)) throw new Error("told something");
    };
    await expect(read()).rejects.toMatchObject({ problem: "expired" });
  });

  it("keeps counts beside a controller that erases them without pause", async () => {
    const namespace = await freshNamespace();
    const proxies = [await start({ fallbackNamespace: namespace }), await start({ fallbackNamespace: namespace })];
    const perform = async (...operations: Parameters<(typeof proxies)[0]["writer"]["perform"]>[0]) =>
      (await proxies[0]?.writer.perform(operations, 10_000)) ?? [];
    const [made] = await perform(ensureOf(fingerprintOf(1), "intent-a", namespace));
    if (made?.kind !== "created") throw new Error("not created");
    const { objects } = connect();
    let erasing = true;
    const controller = (async () => {
      for (let n = 0; erasing; n++) await replaceStatus(objects, made.state, n % 2 ? "Processing" : "Analyzing");
    })();
    for (let count = 2; count <= 5; count++)
      expect(await perform(recordOf(made.state, "intent-a", count), recordOf(made.state, `intent-${count}`, 1))).toMatchObject([
        { kind: "recorded" },
        { kind: "recorded" },
      ]);
    erasing = false;
    await controller;
    const api = createRequestApi(connect().objects);
    const shown = async () => (await api.get(made.state)).counted.slots;
    await expect.poll(shown, SOON).toEqual({ "intent-a": 5, "intent-2": 1, "intent-3": 1, "intent-4": 1, "intent-5": 1 });
  });
});

describe("two proxies that watch", () => {
  it("leave one live request of 100 fingerprints that both created at once, while ended ones are deleted", async () => {
    const namespace = await freshNamespace();
    const fallbackNamespace = await freshNamespace();
    let collisions = 0;
    const options = { fallbackNamespace, onCollision: () => collisions++ };
    const proxies = [await start(options), await start(options)];
    const api = createRequestApi(connect().objects);
    const ended = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const name = `rr-${fingerprintOf(n).slice(0, 32)}-1`;
        const made = await api.create(namespace, manifestFor(draftFor(fingerprintOf(n), namespace), "earlier", name));
        await replaceStatus(connect().objects, made, "Completed");
        return made;
      }),
    );
    const round = async (old: StoredRequest, n: number) => {
      const creators = proxies.flatMap(({ writer }, at) =>
        ["a", "b"].map((which) => writer.perform([ensureOf(fingerprintOf(n), `intent-${n}-${at}-${which}`, namespace)], 10_000)),
      );
      // Past every rule, as a first try whose creator died would come late.
      const late = api.create(namespace, manifestFor(draftFor(fingerprintOf(n), namespace), `late-${n}`, `late-${n}`));
      await Promise.all([...creators, late, api.get(old).then((now) => api.delete(now))]);
    };
    for (let n = 0; n < 100; n += 10) await Promise.all(ended.slice(n, n + 10).map((old, at) => round(old, n + at)));
    const liveCounts = async () => {
      const live = [...(await api.list(namespace)), ...(await api.list(fallbackNamespace))].filter(isLive);
      return Array.from({ length: 100 }, (_, n) => live.filter(({ fingerprint }) => fingerprint === fingerprintOf(n)).length);
    };
    await expect.poll(liveCounts, { timeout: 20_000, interval: 200 }).toEqual(Array(100).fill(1));
    expect(collisions).toBeGreaterThan(0);
  }, 60_000);
});

describe("a watch over a broken connection", () => {
  /** Time that passes twenty times as fast, but for the server's. */
  const fast: Timing = {
    clock: { now: () => performance.now() * 20 },
    pause: (ms, signal) => pause(ms / 20, signal),
    random: Math.random,
  };
  let front: KubernetesFront;
  let kubeConfig: string;
  beforeAll(async () => {
    front = await openKubernetesFront();
    kubeConfig = join(mkdtempSync(join(tmpdir(), "breakwater-watch-")), "kubeconfig");
    const contexts = [{ name: "test", context: { cluster: "test", user: "admin" } }];
    const users = [{ name: "admin", user: { token: realParts().adminToken } }];
    const clusters = [{ name: "test", cluster: { server: front.url } }];
    writeFileSync(kubeConfig, JSON.stringify({ apiVersion: "v1", kind: "Config", clusters, users, contexts, "current-context": "test" }));
  });
  afterEach(() => front.open());
  afterAll(() => front.close());

  it.each(["hold", "cut"] as const)("has no session once 35 s are silent, and goes on without a gap (%s)", async (how) => {
    const namespace = await freshNamespace();
    const { watch, changes } = await start({ namespaces: [namespace], fallbackNamespace: namespace, timing: fast }, kubeConfig);
    const session = watch.session();
    front[how]();
    const api = createRequestApi(connect().objects);
    const made = await api.create(namespace, manifestFor(draftFor(fingerprintOf(7), namespace), "intent-a", "rr-1"));
    await replaceStatus(connect().objects, made, "Completed");
    await expect.poll(() => watch.session(), SOON).toBeNull();
    expect(changes).toEqual([]);
    front.open();
    const phases = () => changes.map((change) => change.kind === "seen" && change.state.phase);
    await expect.poll(phases, SOON).toEqual(["", "Completed"]);
    expect(watch.session()).toBe(session);
  });
});
