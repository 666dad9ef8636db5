import { readFileSync } from "node:fs";
import { Agent } from "undici";
import { openFront } from "../../test/support/front.ts";
import { askApiServer, realParts } from "../../test/support/real-parts.ts";

/** A request for RemediationRequests, as it came in at the front. */
export interface Asked {
  readonly verb: "GET" | "LIST" | "WATCH" | "POST" | "PATCH" | "DELETE";
  /** Of the object; empty for lists and watches. */
  readonly name: string;
  readonly atMs: number;
}

export interface KubernetesLog {
  readonly url: string;
  /** Since the start. */
  asked(): readonly Asked[];
  close(): Promise<void>;
}

/** Opens a front before the run's API server, for a proxy. */
export async function openKubernetesLog(): Promise<KubernetesLog> {
  const { apiServerUrl, caFile } = realParts();
  const asked: Asked[] = [];
  const { url, close } = await openFront({
    target: () => apiServerUrl,
    dispatcher: new Agent({ connect: { ca: readFileSync(caFile) } }),
    answer({ method, path, body }, pass) {
      const one = readAsked(method, path, body);
      if (one) asked.push({ ...one, atMs: performance.now() });
      return pass();
    },
  });
  return { url, asked: () => asked, close };
}

function readAsked(method: string, path: string, body: string): Omit<Asked, "atMs"> | null {
  const [, name = ""] = /\/remediationrequests(?:\/([^/?]+))?/.exec(path) ?? [null, null];
  if (name === null || !path.includes("/remediationrequests")) return null;
  if (method === "POST") return { verb: "POST", name: (JSON.parse(body) as { metadata: { name: string } }).metadata.name };
  if (method !== "GET") return { verb: method as Asked["verb"], name };
  return { verb: name ? "GET" : path.includes("watch=") ? "WATCH" : "LIST", name };
}

/** What the API server says it was asked for RemediationRequests, by verb, since its start. */
export async function apiServerRequests(): Promise<Readonly<Record<string, number>>> {
  const { body } = await askApiServer("/metrics");
  const counted: Record<string, number> = {};
  for (const [, labels = "", value] of String(body).matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm)) {
    if (!labels.includes('resource="remediationrequests"')) continue;
    const verb = /\bverb="(\w+)"/.exec(labels)?.[1] ?? "";
    counted[verb] = (counted[verb] ?? 0) + Number(value);
  }
  return counted;
}

/** How much more of some verbs there is in the second reading. */
export const grown = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>, ...verbs: string[]): number =>
  verbs.reduce((sum, verb) => sum + (after[verb] ?? 0) - (before[verb] ?? 0), 0);
