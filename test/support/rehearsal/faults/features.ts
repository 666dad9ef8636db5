import { FORMER_VERSION } from "../../former-version.ts";
import type { Fault } from "../fault.ts";
import { DIVIDED_BY } from "../monitoring.ts";
import { alerts, apart, inNamespace, set } from "./hands.ts";

export const features: readonly Fault[] = [
  {
    alert: "BreakwaterFeatureRolledBack",
    firesWithinMs: 120_000,
    voteMs: 60_000 / DIVIDED_BY,
    async break(world) {
      await set(world, "STORM_FIRST_REQUEST_SECONDS=300", "STORM_MAX_PER_NAMESPACE=20");
      return { FEATURE: "storm-buffering", RULE: "bypassing" };
    },
    load: ({ send }, second) => send(...apart(`passes-${second}`, 1)),
  },
  {
    alert: "BreakwaterRuleBlind",
    firesWithinMs: 300_000,
    endsWithinMs: 180_000,
    async break({ kubectl, workloads }) {
      kubectl(...inNamespace, "set", "image", "deployment/breakwater-proxy", `breakwater=breakwater:${FORMER_VERSION}`);
      await workloads.settled();
      return {};
    },
    load: ({ send }, second) => send(...alerts(`untold-${second}`, 1)),
  },
];
