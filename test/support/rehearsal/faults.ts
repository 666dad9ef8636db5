import type { Fault } from "./fault.ts";
import { dependencies } from "./faults/dependencies.ts";
import { features } from "./faults/features.ts";
import { inCluster } from "./faults/in-cluster.ts";
import { presence } from "./faults/presence.ts";
import { requests } from "./faults/requests.ts";
import { senders } from "./faults/senders.ts";

/** Of every rule its real fault, in the order of the rules. */
export const FAULTS: readonly Fault[] = [...presence, ...requests, ...senders, ...features, ...dependencies, ...inCluster];
