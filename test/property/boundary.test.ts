import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { readRequest } from "../../src/adapters/kubernetes/stored-request.ts";
import { createProxyWriter } from "../../src/adapters/proxy/client.ts";
import { OCCURRENCES_MAX } from "../../src/domain/ledger-limits.ts";
import { sumOf } from "../../src/domain/slots.ts";
import { createEmulation } from "../../src/emulation/app.ts";
import { drainLedger } from "../../src/flows/drain-ledger.ts";
import { ingestAlerts } from "../../src/flows/ingest-alerts.ts";
import { createProxy } from "../../src/proxy.ts";
import { parseAlertmanager } from "../../src/sources/alertmanager.ts";
import { parseKubernetesEvents } from "../../src/sources/kubernetes-event.ts";
import type { ParsedPayload } from "../../src/sources/payload.ts";
import { apiBench, kubernetesOver } from "../contract/kubernetes-bench.ts";
import { openFlowBench } from "../support/flow-bench.ts";
import { RULES } from "../support/ledger-builders.ts";
import { unreadMetrics as unread } from "../support/proxy-metrics.ts";
import { silentLog } from "../support/silent-log.ts";
import { newKey } from "../unit/proxy/keys.ts";

const TOKEN = "emulation-token";
const FALLBACK = "kubernaut-system";
const crd: unknown = parseYaml(readFileSync("deploy/crd.yaml", "utf8"));
const keys = await newKey("k1");

/** Numbers near every bound that something on the way has, and beyond all of them. */
const number = fc.oneof(
  fc.constantFrom(0, -1, 1, 2, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e300, -1e300, 5e-324),
  fc.maxSafeInteger(),
  fc.constantFrom("7", "9".repeat(30), "9".repeat(400), "-3", "1e9", "NaN", "Infinity"),
);
const text = fc.oneof(
  fc.string({ maxLength: 20, unit: "binary" }),
  fc.constantFrom(
    "",
    "\u0000",
    "\ud800",
    "|",
    "a|b|c",
    ":",
    "=",
    ",",
    "__proto__",
    "constructor",
    "[]",
    "null",
    "x".repeat(300),
    "é".repeat(9_000),
  ),
);
const anything = fc.oneof({ weight: 3, arbitrary: number }, { weight: 3, arbitrary: text }, fc.jsonValue({ maxDepth: 2 }));
const time = fc.oneof(
  anything,
  fc.constantFrom("2099-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-11-23T09:58:00Z"),
);
const some = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });

const event = fc
  .tuple(
    some({
      type: anything,
      severity: anything,
      message: anything,
      note: anything,
      firstTimestamp: time,
      eventTime: time,
      series: some({ count: number }),
      deprecatedCount: number,
    }),
    fc.record({
      uid: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("u", "v", "u|v") }, anything),
      namespace: fc.constant("shop"),
      creationTimestamp: time,
    }),
    fc.record({
      kind: fc.oneof({ weight: 4, arbitrary: fc.constant("Pod") }, text),
      name: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "b") }, text),
      namespace: fc.oneof({ weight: 4, arbitrary: fc.constant("shop") }, text),
      labels: fc.oneof(anything, fc.dictionary(text, anything, { maxKeys: 3 })),
    }),
    fc.record({ count: number, reason: fc.oneof({ weight: 4, arbitrary: fc.constant("BackOff") }, text) }),
  )
  .map(([fields, metadata, involvedObject, told]) => ({ ...fields, ...told, metadata, involvedObject }));
const alert = fc
  .tuple(
    some({
      startsAt: time,
      endsAt: time,
      generatorURL: anything,
      fingerprint: anything,
      annotations: fc.oneof(anything, fc.dictionary(text, anything, { maxKeys: 3 })),
    }),
    fc.record({ status: fc.constantFrom("firing", "firing", "resolved") }),
    fc.dictionary(text, anything, { maxKeys: 3 }),
    fc.record({
      alertname: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("A", "B") }, text),
      namespace: fc.oneof({ weight: 4, arbitrary: fc.constant("shop") }, text),
      pod: fc.constant("web-0"),
    }),
  )
  .map(([fields, status, labels, named]) => ({ ...fields, ...status, labels: { ...labels, ...named } }));
const webhook = fc
  .tuple(
    some({ truncatedAlerts: number, externalURL: anything, receiver: anything, groupKey: anything, commonLabels: anything }),
    fc.array(alert, { minLength: 1, maxLength: 4 }),
  )
  .map(([told, alerts]) => ({ ...told, alerts }));
interface Post {
  readonly body: unknown;
  readonly parse: (...given: Parameters<typeof parseAlertmanager>) => Promise<ParsedPayload>;
}
const post: fc.Arbitrary<Post> = fc.oneof(
  fc.array(event, { minLength: 1, maxLength: 4 }).map((body) => ({ body, parse: parseKubernetesEvents })),
  webhook.map((body) => ({ body, parse: parseAlertmanager })),
);

/** Gateway, protocol, proxy and an API server that validates, on one clock. */
function openWhole() {
  const bench = openFlowBench({ intentsMax: 10_000 });
  const clock = bench.ports.clock;
  const { fetch: serve } = createEmulation({ crd, token: TOKEN, clock });
  const { objects } = kubernetesOver(serve, TOKEN);
  const proxy = createProxy({
    ...{ cluster: "east", verifyKeys: keys.verifyKeys, writer: apiBench(objects, "shop", FALLBACK).writer, clock, log: silentLog },
    ...unread(),
    checkInstalled: async () => null,
  });
  const fetchOf = (url: string, { signal: _, ...init }: RequestInit) => proxy.fetch(new Request(url, init));
  const writer = createProxyWriter({ url: "http://proxy.test", cluster: "east", signingKey: keys.signingKey, clock, fetch: fetchOf });
  const list = async () => {
    const answer = await serve(
      new Request("http://emulation.test/apis/remediation.kubernaut.io/v1alpha1/remediationrequests", {
        headers: { authorization: `Bearer ${TOKEN}` },
      }),
    );
    return ((await answer.json()) as { items: { status?: { deduplication?: { occurrenceCount: number } } }[] }).items;
  };
  return { ...bench, writer, list };
}

describe("extreme numbers and texts in every field of every source", () => {
  it("cost no decision and no write, from the payload to the object, and counts saturate", { timeout: 240_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(post, { minLength: 1, maxLength: 5 }), async (posts) => {
        const { time, ledger, ports, drainPorts, warnings, writer, list } = openWhole();
        const context = { source: "s", cluster: "c", environment: null, namespaces: ["*"], targetRules: [], explains: false };
        let sent = 0;
        for (const { body, parse } of posts) {
          const payload = await parse(JSON.parse(JSON.stringify(body)), { ...context, nowMs: time.now });
          if (!payload.ok) continue;
          const delivery = (++sent).toString(16).padStart(32, "d");
          const ingested = await ingestAlerts({ ...ports, writer }, { ...payload, source: "s", delivery });
          expect(ingested).toMatchObject({ kind: "decided", results: payload.alerts.map(({ fingerprint }) => ({ fingerprint })) });
          time.now += 1_000;
        }
        for (let round = 0; round < 4; round += 1) {
          time.now += RULES.leaseMs + 1_000;
          await drainLedger({ ...drainPorts, writer });
        }
        expect(warnings).toEqual([]);
        const { openIntents, failures, deadLetters } = await ledger.survey();
        expect({ openIntents, failures, ...deadLetters, invalid: 0 }).toEqual({
          openIntents: 0,
          failures: [],
          invalid: 0,
          refused: 0,
          exhausted: 0,
        });
        for (const item of await list()) {
          const request = readRequest(item);
          const shown = item.status?.deduplication?.occurrenceCount ?? 1;
          const receipt = await ledger.receipt({ fingerprint: request?.fingerprint ?? "" });
          expect(shown).toBeLessThanOrEqual(OCCURRENCES_MAX);
          expect(shown).toBe(
            sumOf({ ...request?.counted.slots, [request?.intent ?? ""]: request?.counted.slots[request.intent ?? ""] ?? 1 }),
          );
          expect(receipt).toMatchObject({ state: "live", occurrences: shown });
        }
      }),
      {
        numRuns: 60,
        examples: [
          [[1, 2 ** 53 - 1].flatMap((count) => ["u", "v"].map((uid) => ({ body: [poison(uid, count)], parse: parseKubernetesEvents })))],
        ],
      },
    ),
  );
});

const poison = (uid: string, count: number) => ({
  reason: "BackOff",
  count,
  metadata: { uid, namespace: "shop" },
  involvedObject: { kind: "Pod", name: "a", namespace: "shop" },
});
