import type { ClusterConfig } from "../../src/config/config.ts";
import { OPERATIONS_PATH } from "../../src/protocol/operations.ts";
import { createSigner } from "../../src/protocol/token.ts";
import { type Finding, findingsOf } from "./finding.ts";

const ASK_MS = 5_000;

/** Clocks may be so far apart before signatures are refused. */
const SKEW_MAX_MS = 25_000;

const { ok, wrong } = findingsOf("proxy");

/** Whether a cluster's proxy can be reached, takes this gateway's signature, and can work. Asks it for nothing to be done. */
export async function examineProxy({ name, proxyUrl, signingKey }: ClusterConfig): Promise<Finding[]> {
  const ready = await ask(new URL("/ready", proxyUrl));
  if (typeof ready === "string")
    return [wrong("proxy-unreachable", `the proxy of ${name} cannot be reached: ${ready}`, `curl -i ${new URL("/ready", proxyUrl).href}`)];
  const skewMs = skewOf(ready);
  if (Math.abs(skewMs) > SKEW_MAX_MS)
    return [
      wrong(
        "clock-skew",
        `this clock and that of the proxy of ${name} are ${Math.round(Math.abs(skewMs) / 1_000)} s apart, so signatures are refused`,
        "timedatectl status, on both machines",
      ),
    ];
  return [await examineSignature({ name, proxyUrl, signingKey }), readinessOf(name, ready)];
}

function readinessOf(name: string, { status }: Response): Finding {
  if (status === 200) return ok("proxy-ready", `the proxy of ${name} is ready`);
  if (status === 503)
    return wrong("proxy-not-ready", `the proxy of ${name} says that it cannot work`, "npm run -s doctor, with the proxy's settings");
  return wrong("not-a-proxy", `what answers as the proxy of ${name} is none (${status})`, "set CRD_PROXY_URL to the proxy's address");
}

/** A signed call of no operations. */
async function examineSignature({ name, proxyUrl, signingKey }: ClusterConfig): Promise<Finding> {
  const body = new TextEncoder().encode(JSON.stringify({ operations: [], deadlineMs: ASK_MS }));
  const sign = createSigner(name, signingKey, { now: Date.now });
  const call = async () =>
    ask(new URL(OPERATIONS_PATH, proxyUrl), {
      ...{ method: "POST", body, headers: { "content-type": "application/json", authorization: `Bearer ${await sign(body)}` } },
    });
  const answer = await call();
  if (typeof answer === "string")
    return wrong("proxy-unreachable", `the proxy of ${name} does not answer a call: ${answer}`, `curl -i ${proxyUrl}`);
  if (answer.status === 200) return ok("proxy-signature", `the proxy of ${name} takes this gateway's signature`);
  if (answer.status === 401 && answer.headers.get("content-type")?.startsWith("application/problem+json"))
    return wrong(
      "signature-refused",
      `the proxy of ${name} knows no key ${signingKey.kid}, or is of another cluster than ${name}`,
      "compare CLUSTER_NAME on both sides, and the kid in CRD_PROXY_VERIFY_KEYS with that in CRD_PROXY_SIGNING_KEY",
    );
  return wrong(
    "not-a-proxy",
    `what answers as the proxy of ${name} takes no operations (${answer.status})`,
    "set CRD_PROXY_URL to the proxy's address",
  );
}

/** By the server's own Date; whole seconds. */
function skewOf({ headers }: Response): number {
  const said = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(said) ? 0 : Date.now() - said;
}

/** The answer, read; a word where there is none. */
async function ask(url: URL, init: RequestInit = {}): Promise<Response | string> {
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(ASK_MS) });
    await response.arrayBuffer();
    return response;
  } catch (error) {
    const { name, cause } = error as Error;
    const code = (cause as { code?: unknown } | undefined)?.code;
    return typeof code === "string" ? code : name;
  }
}
