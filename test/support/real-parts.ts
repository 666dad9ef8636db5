import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type ApiRequest, requestApiServer } from "./api-request.ts";

/** The one Redis, bridge and API server of a run. Every suite brings its own key prefix or cluster name, and namespaces. */
export interface RealParts {
  readonly redisUrl: string;
  readonly bridgeUrl: string;
  readonly bridgeToken: string;
  readonly apiServerUrl: string;
  /** For the user `admin`, who may do everything. */
  readonly kubeconfigPath: string;
  readonly adminToken: string;
  /** The private authority that signed the API server's certificate. */
  readonly caFile: string;
}

declare module "vitest" {
  interface ProvidedContext {
    realParts: RealParts;
  }
}

/** The run's real parts; only tests under test/integration, test/e2e and test/attack have them. */
export const realParts = (): RealParts => inject("realParts");

/** A name that no other suite of the run uses; a DNS label. */
export const freshName = (prefix: string): string => `${prefix}-${randomBytes(5).toString("hex")}`;

/** One request to the real API server as its admin; any status is an answer. */
export function askApiServer(path: string, request: ApiRequest = {}): Promise<{ readonly status: number; readonly body: unknown }> {
  const { apiServerUrl, caFile, adminToken } = realParts();
  return requestApiServer({ url: apiServerUrl, caFile, adminToken }, path, request);
}

/** Creates a namespace of the suite's own and returns its name. */
export async function freshNamespace(prefix = "test"): Promise<string> {
  const name = freshName(prefix);
  const { status } = await askApiServer("/api/v1/namespaces", { method: "POST", body: { metadata: { name } } });
  if (status !== 201) throw new Error(`the API server answered ${status} to a new namespace`);
  return name;
}

/** Runs kubectl against the real API server and returns what it printed; throws when it fails. `input` is its standard input. */
export function kubectl(args: readonly string[], input?: string): string {
  const { kubeconfigPath } = realParts();
  return execFileSync("kubectl", ["--kubeconfig", kubeconfigPath, ...args], { encoding: "utf8", ...(input !== undefined && { input }) });
}
