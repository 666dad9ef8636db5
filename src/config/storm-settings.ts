import { INGEST } from "./roles.ts";
import { integer, share } from "./setting.ts";
import { WINDOW_BOUNDS } from "./window-bounds.ts";

/** How alerts are folded into storms; the rows of the settings table that are about it. */
export const STORM_SETTINGS = {
  ENABLE_STORM_BUFFERING: share({
    default: 100,
    roles: INGEST,
  }),
  STORM_THRESHOLD: integer({
    ...WINDOW_BOUNDS.threshold,
    default: 5,
    roles: INGEST,
  }),
  STORM_FIRST_REQUEST_SECONDS: integer({
    ...WINDOW_BOUNDS.firstRequestSeconds,
    unit: "s",
    default: null,
    defaultNote: "45; 3 on the emulated Kubernetes API, where a lone alert has its request within 5 s",
    roles: INGEST,
  }),
  STORM_JOIN_SECONDS: integer({
    ...WINDOW_BOUNDS.joinSeconds,
    unit: "s",
    default: null,
    defaultNote: "600; 60 on the emulated Kubernetes API",
    roles: INGEST,
  }),
  STORM_MAX_WINDOW_SECONDS: integer({
    min: 1,
    max: 86_400,
    unit: "s",
    default: 3_600,
    roles: INGEST,
  }),
  STORM_MAX_ALERTS: integer({
    min: 20,
    max: 10_000,
    default: 10_000,
    roles: INGEST,
  }),
  STORM_MAX_PER_NAMESPACE: integer({
    min: 20,
    max: 1_000_000,
    default: 20_000,
    roles: INGEST,
  }),
  STORM_MAX_TOTAL: integer({
    min: 20,
    max: 1_000_000,
    default: 100_000,
    roles: INGEST,
  }),
} as const;
