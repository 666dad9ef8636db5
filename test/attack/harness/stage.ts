import type { Redis } from "ioredis";
import type { RequestObject } from "../../runtime/target.ts";
import type { Part, Platform } from "./attempt.ts";
import type { CallKeys } from "./call-token.ts";

/** What is attacked, on one platform, and what only those who set it up can see of it. */
export interface Stage {
  readonly platform: Platform;
  /** Of the parts that run here. */
  readonly urls: Readonly<Partial<Record<Part, string>>>;
  readonly tokens: {
    readonly source: string;
    /** Of a source that may write to `namespace` only. */
    readonly narrow: string;
    readonly read: string;
    readonly admin: string;
    readonly bridge: string;
    readonly emulation: string;
  };
  readonly namespace: string;
  readonly fallbackNamespace: string;
  readonly cluster: string;
  readonly limits: { readonly bodyBytes: number; readonly alerts: number };
  /** With which calls of the proxy are signed. */
  readonly keys: CallKeys;
  /** Whatever must come to light nowhere. */
  readonly secrets: readonly string[];
  /** The Redis behind gateway and bridge, past both. Null: it is not this stage's own. */
  readonly redis: Redis | null;
  /** Every RemediationRequest that the attacked parts can write to. */
  requests(): Promise<readonly RequestObject[]>;
  /** All lines that each process has logged since it was ready. */
  logs(): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Where a part listens; throws where it does not run. */
export function urlOf({ urls, platform }: Stage, part: Part): string {
  const url = urls[part];
  if (url === undefined) throw new Error(`no ${part} on ${platform}`);
  return url;
}
