import type { Alert, IgnoredAlert, InvalidAlert, ParsedAlert } from "./alert.ts";

/** What tells alerts of a delivery apart and puts them in order; of an ignored one all. A tenth of an alert's size or less. */
export type AlertSketch =
  | Pick<Alert, "kind" | "fingerprint" | "instance" | "status" | "startsAtMs" | "start">
  | IgnoredAlert
  | Pick<InvalidAlert, "kind" | "fingerprint" | "instance">;

/** Drops what makes it large. */
export function sketchOf(alert: ParsedAlert): AlertSketch {
  if (alert.kind === "ignored") return alert;
  const { kind, fingerprint, instance } = alert;
  if (kind === "invalid") return { kind, fingerprint, instance };
  const { status, startsAtMs, start } = alert;
  return { kind, fingerprint, instance, status, startsAtMs, start };
}
