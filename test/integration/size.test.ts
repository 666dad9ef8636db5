import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chunked, postHead, rawRequest } from "../runtime/raw-http.ts";
import { RUNTIMES, type Runtime } from "../runtime/runtimes.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { childPid, forgetPeak, peakMiB } from "../support/memory.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { alertOf, fire, webhookOf } from "../support/sender.ts";
import { startWorker } from "../support/worker.ts";

const PATH = "/api/v1/signals/prometheus";
const KIB = 1024;
const MIB = 1024 * KIB;

const JUNK = `{"alerts":[${"1,".repeat((390 * KIB) / 2)}1]}`;
const JUNK_MIB_MAX = 50;
const PROCESS_MIB_MAX = 700;

/** What a gateway takes by default: see SIZES in config/parts.ts. */
const PROCESS = { bodyMiB: 32, alerts: 49_900, roomMiB: 64 };
const WORKER = { bodyMiB: 8, alerts: 9_900, roomMiB: 16 };

interface Gateway {
  readonly url: string;
  pid(): number;
  output(): string;
  stop(): Promise<void>;
}

let installation: Installation;
let namespace: string;
beforeAll(async () => {
  namespace = await freshNamespace();
  installation = await startInstallation({
    gateway: { ENABLE_STORM_BUFFERING: "true", STORM_RULE_CRITICAL: JSON.stringify({ match: { severity: "critical" }, bypass: true }) },
  });
});
afterAll(() => installation?.stop());

async function openWorker(): Promise<Gateway> {
  const { ROLE, ...settings } = installation.gatewaySettings;
  const worker = await startWorker(settings);
  return { ...worker, pid: () => childPid("workerd") };
}

const GATEWAYS = [
  ...(["bun", "node", "deno"] as const).map((runtime: Runtime) => ({
    name: RUNTIMES[runtime].name,
    sizes: PROCESS,
    open: (): Promise<Gateway> => installation.addGateway({}, runtime),
    noticesLeaving: true,
  })),
  // It ends the run of a client that has left without a word to the Worker, which gives its room back after half a minute.
  { name: "workerd", sizes: WORKER, open: openWorker, noticesLeaving: false },
];

/** A webhook just below the limit of alerts; each is of another pod. */
function largest({ bodyMiB, alerts }: typeof PROCESS): string {
  const describing = (characters: number) => ({ summary: "Pod is crash looping.", description: "x".repeat(characters) });
  const podAt = (at: number) => alertOf({ namespace, alertname: "Large", pod: `checkout-${at}`, severity: "warning" });
  const bytesEach = Math.floor((bodyMiB * MIB - KIB) / alerts);
  const bare = JSON.stringify({ ...podAt(alerts), annotations: describing(0) }).length + 1;
  return JSON.stringify(
    webhookOf(...Array.from({ length: alerts }, (_, at) => ({ ...podAt(at), annotations: describing(bytesEach - bare) }))),
  );
}

/** A body that is answered 422 as soon as there is room for it. */
const unexpected = (bytes: number): string => JSON.stringify({ text: "x".repeat(bytes - 11) });

/** Sends a body whole, in chunks that do not tell its length, or only begins it so. */
function senderTo(gateway: Gateway) {
  const { sourceToken } = installation;
  const url = new URL(PATH, gateway.url);
  const headers = { "content-type": "application/json", authorization: `Bearer ${sourceToken}` };
  const read = (status: number, text: string) => ({ status, code: (JSON.parse(text) as { code?: string }).code });
  const untold = (text: string) => [postHead(PATH, sourceToken, "Transfer-Encoding: chunked"), ...chunked(text)];
  return {
    async send(body: string) {
      const response = await fetch(url, { method: "POST", headers, body });
      return read(response.status, await response.text());
    },
    async sendUntold(body: string) {
      const { status, text } = await rawRequest(gateway.url, untold(body));
      return read(status, text);
    },
    untold,
    /** All but its end; `sent` once this machine has taken it. */
    begin(parts: ReturnType<typeof untold>): { readonly socket: Socket; readonly sent: Promise<unknown> } {
      const socket = connect(Number(url.port), url.hostname).on("error", () => {});
      const sent = Promise.all(parts.slice(0, -1).map((part) => new Promise((resolve) => socket.write(part, resolve))));
      return { socket, sent };
    },
    fire: (pod: string) => fire({ gateway, sourceToken }, { namespace, pod, alertname: "Ordinary" }),
  };
}

/** Asks for its health until `done`; the answers, 0 where none came within 5 s. */
async function healthDuring(gateway: Gateway, done: Promise<unknown>): Promise<readonly number[]> {
  const statuses: number[] = [];
  let isOver = false;
  void done.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const asked = fetch(new URL("/health", gateway.url), { signal: AbortSignal.timeout(5_000) });
    statuses.push(await asked.then(({ status }) => status).catch(() => 0));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return statuses;
}

describe.each(GATEWAYS)("a gateway on $name", ({ name, sizes, open, noticesLeaving }) => {
  let gateway: Gateway;
  let sender: ReturnType<typeof senderTo>;
  beforeAll(async () => {
    gateway = await open();
    sender = senderTo(gateway);
    for (const pod of ["first", "second", "third"]) expect((await sender.fire(`${pod}-${name.toLowerCase()}`)).status).toBe(201);
  });
  afterAll(() => gateway?.stop());

  /** The most memory that it had meanwhile, and how much more that is than before, in MiB. */
  async function costOf(work: () => Promise<unknown>): Promise<{ readonly peak: number; readonly more: number }> {
    forgetPeak(gateway.pid());
    const before = peakMiB(gateway.pid());
    await work();
    const peak = peakMiB(gateway.pid());
    return { peak, more: peak - before };
  }

  it(`refuses 390 KiB of numbers, and takes less than ${JUNK_MIB_MAX} MiB for it`, async () => {
    const startedMs = performance.now();
    const { more } = await costOf(async () => {
      expect(await sender.send(JUNK)).toEqual({ status: 413, code: "alerts-too-many" });
    });
    console.log(`${name}: 390 KiB of numbers took ${Math.round(performance.now() - startedMs)} ms and ${more} MiB`);
    expect(more).toBeLessThan(JUNK_MIB_MAX);
  });

  it("answers 503 to the largest bodies that it has no room for, stays healthy, and takes an alert afterwards", {
    timeout: 60_000,
  }, async () => {
    const body = largest(sizes);
    let answers: Awaited<ReturnType<typeof sender.send>>[] = [];
    let health: readonly number[] = [];
    const { peak } = await costOf(async () => {
      const sending = Promise.all(Array.from({ length: 10 }, () => sender.send(body)));
      health = await healthDuring(gateway, sending);
      answers = await sending;
    });
    console.log(`${name}: at most ${peak} MiB with ten of the largest bodies`);
    const refused = answers.filter(({ code }) => code === "no-room");
    expect(refused.every(({ status }) => status === 503)).toBe(true);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeLessThan(10);
    expect(health.length).toBeGreaterThan(0);
    expect(new Set(health)).toEqual(new Set([200]));
    expect(peak).toBeLessThan(PROCESS_MIB_MAX);
    expect((await sender.fire(`last-${name.toLowerCase()}`)).status).toBe(201);
  });

  it("counts bodies of untold length as they come, and frees what a sender holds that has left", { timeout: 60_000 }, async () => {
    // Together they leave half a MiB for each of them.
    const held = sender.untold(unexpected(sizes.bodyMiB * MIB - MIB / 2));
    const probe = unexpected(2 * MIB);
    const full = { status: 503, code: "no-room" };
    const free = { status: 422, code: "payload-unexpected" };
    const timesLate = () => gateway.output().split("body-late").length;
    await expect.poll(() => sender.send(probe), { timeout: 10_000 }).toEqual(free);
    const late = timesLate();
    const begun = Array.from({ length: sizes.roomMiB / sizes.bodyMiB }, () => sender.begin(held));
    try {
      // A probe that came before the last of them would take their room, and one of them would be refused.
      await Promise.all(begun.map(({ sent }) => sent));
      await new Promise((resolve) => setTimeout(resolve, 250));
      await expect.poll(() => sender.send(probe), { timeout: 7_500 }).toEqual(full);
      expect(await sender.sendUntold(probe)).toEqual(full);
    } finally {
      for (const { socket } of begun) socket.destroy();
    }
    if (!noticesLeaving) return;
    await expect.poll(() => sender.send(probe), { timeout: 7_000 }).toEqual(free);
    expect(timesLate(), "it was not the time that freed it").toBe(late);
  });
});
