import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Front, openFront } from "../support/front.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { freshName, freshNamespace, realParts } from "../support/real-parts.ts";
import { countsIn } from "../support/requests.ts";
import { type Answer, fire } from "../support/sender.ts";

/** What a busy API server says to who asks too much, as its own priority and fairness does. */
const tooMany = () =>
  Response.json(
    { kind: "Status", apiVersion: "v1", status: "Failure", reason: "TooManyRequests", code: 429, details: { retryAfterSeconds: 1 } },
    { status: 429, headers: { "retry-after": "1" } },
  );

const SLOW_MS = 300;
const ALERTS = 12;
const THROTTLES_EVERY = 3;

let front: Front;
let installation: Installation;
/** How many requests for requests came in, by method. */
const asked = new Map<string, number>();

/** Throttles every third request of a method, and is slow with the others. */
beforeAll(async () => {
  const { apiServerUrl, caFile } = realParts();
  front = await openFront({
    target: () => apiServerUrl,
    dispatcher: new Agent({ connect: { ca: readFileSync(caFile) } }),
    async answer({ method, path }, pass) {
      if (!path.includes("/remediationrequests") || path.includes("watch=")) return pass();
      const count = (asked.get(method) ?? 0) + 1;
      asked.set(method, count);
      if (count % THROTTLES_EVERY === 0) return tooMany();
      await sleep(SLOW_MS);
      return pass();
    },
  });
  installation = await startInstallation({ kubernetesUrl: front.url });
}, 60_000);
afterAll(async () => {
  await installation?.stop();
  await front?.close();
});

it("an API server that throttles every third request, and is slow, fails none of a sender's", { timeout: 90_000 }, async () => {
  const namespace = await freshNamespace();
  const pods = Array.from({ length: ALERTS }, () => freshName("pod"));
  const sendAll = async (): Promise<Answer[]> => {
    const left = [...pods];
    const answers: Answer[] = [];
    const run = async () => {
      for (let pod = left.pop(); pod; pod = left.pop()) answers.push(await fire(installation, { namespace, pod }));
    };
    await Promise.all(Array.from({ length: 4 }, run));
    return answers;
  };
  const answers = [...(await sendAll()), ...(await sendAll()), ...(await sendAll())];
  expect(answers.filter(({ status }) => status !== 201 && status !== 202)).toEqual([]);
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(10_000);
  await expect.poll(() => countsIn(namespace), { timeout: 60_000, interval: 500 }).toEqual(pods.map(() => 3));
  for (const method of ["GET", "POST", "PATCH"]) expect(asked.get(method)).toBeGreaterThanOrEqual(THROTTLES_EVERY);
});
