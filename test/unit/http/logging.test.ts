import { expect, it } from "vitest";
import { Failure } from "../../../src/domain/failure.ts";
import { REFUSED_BODIES } from "../../runtime/malformed.ts";
import { alertIn, eventIn, MARKER, webhook } from "../../runtime/payloads.ts";
import { openGateway, PROMETHEUS, TOKENS } from "./bench.ts";

const EVENTS = "/api/v1/signals/kubernetes-event";

const STRANGE_ALERTS: readonly object[] = [
  alertIn("shop"),
  alertIn("shop", { severity: MARKER }),
  alertIn(`../${MARKER}`),
  alertIn("shop", {}, { status: MARKER }),
  alertIn("shop", {}, { startsAt: MARKER }),
  alertIn("shop", {}, { labels: { [MARKER]: 1 } }),
  alertIn("shop", {}, { annotations: [MARKER] }),
  alertIn("shop", { alertname: "" }),
  alertIn("shop", { alertname: MARKER.repeat(60) }),
  alertIn("shop", { note: MARKER.repeat(100_000) }),
  alertIn("shop", { [MARKER]: "\u0000\ud800" }),
  [MARKER],
];

/** Sends everything that the suite knows, good and bad, and what a stranger may try. */
async function sendEverything({ ask, post, gateway }: ReturnType<typeof openGateway>): Promise<void> {
  for (const path of [PROMETHEUS, EVENTS, `${PROMETHEUS}?dryRun=true`, `${PROMETHEUS}?dryRun=${MARKER}`])
    for (const { body } of REFUSED_BODIES) await post(body, TOKENS.patient, path);
  for (const alert of STRANGE_ALERTS) await post(webhook([alert]));
  await post(webhook(STRANGE_ALERTS), TOKENS.hasty);
  for (const over of [{}, { reason: "" }, { involvedObject: MARKER }, { firstTimestamp: MARKER }, { type: MARKER }])
    await post(eventIn("shop", over), TOKENS.patient, EVENTS);
  for (const token of [MARKER, `${TOKENS.admin}x`]) await ask(`/${MARKER}`, { token });
  await ask("/api/v1/admin/dead-letters?cluster=canary", { token: TOKENS.admin });
  for (const path of ["windows/canary?cluster=canary", "windows/canary", "windows?limit=canary"])
    await ask(`/api/v1/admin/${path}`, { token: TOKENS.admin });
  for (const path of ["windows/canary/flush", `windows/${"a".repeat(64)}.${"b".repeat(32)}/flush`, "sweep", "sweep?cluster=canary"])
    await ask(`/api/v1/admin/${path}`, { method: "POST", token: TOKENS.admin, body: MARKER });
  for (const token of [TOKENS.read, TOKENS.patient, MARKER]) await ask(`/api/v1/receipts?fingerprint=${MARKER}`, { token });
  await ask(PROMETHEUS, { method: "POST", token: TOKENS.patient, body: "{}", headers: { "idempotency-key": `${MARKER} ` } });
  await ask(PROMETHEUS, { method: "POST", token: TOKENS.patient, body: MARKER, headers: { "content-type": MARKER } });
  await gateway.drain();
}

const expectNothingLeaked = (lines: readonly string[]) => {
  expect(lines.filter((line) => [MARKER, ...Object.values(TOKENS)].some((secret) => line.includes(secret)))).toEqual([]);
};

it("no line of the log holds a label's value or a token, whatever is sent", async () => {
  const bench = openGateway();
  await sendEverything(bench);
  expectNothingLeaked(bench.lines);
});

it("nor while Kubernetes cannot be reached", async () => {
  const bench = openGateway();
  bench.writer.break("unreachable");
  await sendEverything(bench);
  expect(bench.lines.some((line) => line.includes("writer-failed"))).toBe(true);
  expectNothingLeaked(bench.lines);
});

it("nor while the ledger fails", async () => {
  const bench = openGateway();
  bench.fail((method) => new Failure("ledger-unavailable", `no answer to ${method}`, "unknown"));
  await sendEverything(bench);
  expect(bench.lines.some((line) => line.includes("request-failed"))).toBe(true);
  expectNothingLeaked(bench.lines);
});

it("nor after an error that nobody expected, which may quote what it met", async () => {
  const bench = openGateway();
  bench.fail(() => new SyntaxError(`Unexpected token in ${MARKER} ${TOKENS.patient}`));
  await Promise.all(STRANGE_ALERTS.map((alert) => bench.post(webhook([alert]))));
  expect(bench.lines.some((line) => line.includes("SyntaxError"))).toBe(true);
  expectNothingLeaked(bench.lines);
});
