import { expect, it } from "vitest";
import type { Runtime } from "../runtime/runtimes.ts";
import { startInstallation } from "../support/installation.ts";
import { freshNamespace } from "../support/real-parts.ts";
import { requestsIn } from "../support/requests.ts";
import { alertOf, webhookOf } from "../support/sender.ts";
import { startWorker } from "../support/worker.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const linesOf = (output: string): Record<string, unknown>[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it.each<[string, Runtime, boolean]>([
  ["Bun", "bun", false],
  ["Deno", "deno", false],
  ["Node", "node", false],
  ["workerd", "bun", true],
])(
  "a sender's trace stands in the object and in the log lines of gateway and proxy, on %s",
  { timeout: 60_000 },
  async (_, runtime, isWorker) => {
    const namespace = await freshNamespace("traces");
    const installation = await startInstallation({ runtime });
    const { ROLE: __, ...settings } = installation.gatewaySettings;
    const worker = isWorker ? await startWorker(settings) : null;
    const gateway = worker ?? installation.gateway;
    try {
      const response = await fetch(new URL("/api/v1/signals/prometheus", gateway.url), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${installation.sourceToken}`,
          traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
        },
        body: JSON.stringify(webhookOf(alertOf({ namespace }))),
      });
      const { requestId } = (await response.json()) as { requestId: string };
      const objects = async () => (await requestsIn(namespace)).map(({ metadata }) => metadata.annotations["breakwater.dev/traceparent"]);
      await expect.poll(objects).toEqual([`00-${TRACE}-${requestId.slice(0, 16)}-01`]);
      const webhook = { event: "webhook", requestId, trace: TRACE, source: "test", status: 201, created: 1 };
      await expect.poll(() => linesOf(gateway.output())).toContainEqual(expect.objectContaining(webhook));
      const operation = { event: "operation", trace: TRACE, operation: "ensure", result: "created" };
      expect(linesOf(installation.proxy.output())).toContainEqual(expect.objectContaining(operation));
    } finally {
      await worker?.stop();
      await installation.stop();
    }
  },
);
