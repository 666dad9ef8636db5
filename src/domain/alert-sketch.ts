import type { Alert, IgnoredAlert, InvalidAlert, ParsedAlert } from "./alert.ts";

/** An alert without what a request or a dead letter is made of, which is most of its size. */
export type AlertSketch = Omit<Alert, "draft"> | IgnoredAlert | Omit<InvalidAlert, "payload">;

/** Drops what makes it large. */
export function sketchOf(alert: ParsedAlert): AlertSketch {
  if (alert.kind === "ignored") return alert;
  if (alert.kind === "invalid") {
    const { payload: _, ...sketch } = alert;
    return sketch;
  }
  const { draft: _, ...sketch } = alert;
  return sketch;
}
