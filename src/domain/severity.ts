import type { Severity } from "./remediation-request.ts";

const WORDS: ReadonlyMap<string, Severity | "none"> = new Map([
  ...["critical", "page", "emergency", "fatal", "high", "p0", "p1", "error"].map((word) => [word, "critical"] as const),
  ...["warning", "warn", "medium", "p2"].map((word) => [word, "warning"] as const),
  ...["info", "notice", "low", "debug", "p3"].map((word) => [word, "info"] as const),
  ["none", "none"],
]);

/** Event reasons after which something does not run (kubelet, scheduler and node controller write them). */
const CRITICAL_REASONS: ReadonlySet<string> = new Set([
  "OOMKilled",
  "NodeNotReady",
  "FailedScheduling",
  "Evicted",
  "FailedMount",
  "NetworkNotReady",
]);

/**
 * Severity of an alert by its `severity` label, in any case. `none` asks for nothing (kube-prometheus's Watchdog, InfoInhibitor).
 * A missing or unknown word is a warning with `known` false, to be counted: somebody's rules should be mended.
 */
export function severityOf(word: string | undefined): { readonly severity: Severity | "none"; readonly known: boolean } {
  const severity = WORDS.get(word?.trim().toLowerCase() ?? "");
  return { severity: severity ?? "warning", known: severity !== undefined };
}

/** Severity of a `Warning` event by its reason. */
export const eventSeverity = (reason: string): Severity => (CRITICAL_REASONS.has(reason) ? "critical" : "warning");
