import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKubernetes } from "../../src/adapters/kubernetes/client.ts";
import { createRequestApi } from "../../src/adapters/kubernetes/custom-objects.ts";
import { manifestFor } from "../../src/adapters/kubernetes/manifest.ts";
import type { RequestChange, RequestWatch } from "../../src/ports/request-watch.ts";
import { openProxyOn } from "../contract/watch-bench.ts";
import { type ApiServer, startApiServer } from "../support/api-server.ts";
import { type KubernetesFront, openKubernetesFront } from "../support/kubernetes-front.ts";
import { deploy } from "../support/real-setup.ts";
import { draftFor, fingerprintOf } from "../unit/kubernetes/builders.ts";

const NAMESPACE = "default";
const SOON = { timeout: 20_000, interval: 50 };

let dir: string;
let server: ApiServer;
let front: KubernetesFront;
let watch: RequestWatch;
const changes: RequestChange[] = [];

const boot = async (data: string) => {
  mkdirSync(join(dir, data), { recursive: true });
  server = await startApiServer(join(dir, data));
  deploy(server.kubeconfigPath);
};
const api = () => createRequestApi(openKubernetes({ kubeConfig: server.kubeconfigPath, timeoutMs: 5_000 }).objects);
const plant = (digit: string) => api().create(NAMESPACE, manifestFor(draftFor(fingerprintOf(digit), NAMESPACE), "intent", `rr-${digit}`));
const told = () => changes.splice(0).map((change) => `${change.kind} ${change.subject[0]}`);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "breakwater-restart-"));
  await boot("first");
  front = await openKubernetesFront(server);
  const kubeConfig = join(dir, "kubeconfig");
  const contexts = [{ name: "test", context: { cluster: "test", user: "admin" } }];
  const users = [{ name: "admin", user: { token: server.adminToken } }];
  const clusters = [{ name: "test", cluster: { server: front.url } }];
  writeFileSync(kubeConfig, JSON.stringify({ apiVersion: "v1", kind: "Config", clusters, users, contexts, "current-context": "test" }));
  const proxy = openProxyOn(openKubernetes({ kubeConfig, timeoutMs: 5_000 }), { fallbackNamespace: NAMESPACE });
  watch = proxy.watch((change) => changes.push(change));
}, 120_000);
afterAll(async () => {
  await watch?.stop();
  await front?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

it("a watch lists anew from an API server that was restarted, and does not know what it missed or has lost its data", async () => {
  await expect.poll(() => watch.session(), SOON).not.toBeNull();
  await plant("a");
  await expect.poll(told, SOON).toEqual(["seen a"]);
  const session = watch.session();

  await server.stop();
  await boot("first");
  await plant("b");
  front.moveTo(server);
  await expect.poll(() => changes.length, SOON).toBe(2);
  expect(told().sort()).toEqual(["seen a", "seen b"]);
  const next = watch.session();
  expect(next).not.toBe(session);

  await server.stop();
  await boot("second");
  await plant("c");
  front.moveTo(server);
  await expect.poll(() => changes.length, { ...SOON, timeout: 60_000 }).toBe(3);
  expect(told().sort()).toEqual(["gone a", "gone b", "seen c"]);
  expect([session, next, null]).not.toContain(watch.session());
}, 180_000);
