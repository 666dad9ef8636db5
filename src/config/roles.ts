import type { Role } from "./config.ts";

export const EVERY: readonly Role[] = ["gateway", "proxy", "bridge", "all"];
export const INGEST: readonly Role[] = ["gateway", "all"];
export const KUBERNETES: readonly Role[] = ["proxy", "all"];
/** Those that talk to Redis over REST: the ledger of a gateway, the relay of a proxy. */
export const REST: readonly Role[] = ["gateway", "proxy", "all"];
export const CONNECTED: readonly Role[] = ["bridge", "all"];
