import type { Severity } from "./remediation-request.ts";
import { CODE_LEVELS, NUMBER_LEVELS, SEVERITY_WORDS } from "./severity-words.ts";

/** No system's word is longer; what is cannot be one, and is not looked at. */
const CHARACTERS_MAX = 64;

/** Say that a level follows, or was before, and nothing of it: `severity: high`, `SEV-1`, `critical alert`. */
const FILLERS: ReadonlySet<string> = new Set([
  "severity",
  "sev",
  "s",
  "priority",
  "prio",
  "p",
  "level",
  "lvl",
  "urgency",
  "impact",
  "alert",
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
 * Severity of an alert by its `severity` label, in any case, with whatever between letters and numbers: `SEV-1`, `not classified`, `1 - Critical`.
 * `none` asks for nothing (kube-prometheus's Watchdog, InfoInhibitor).
 * A missing or unknown word is a warning with `known` false, to be counted: somebody's rules should be mended.
 */
export function severityOf(label: string | undefined): { readonly severity: Severity | "none"; readonly known: boolean } {
  const severity = label && label.length <= CHARACTERS_MAX ? read(label.toLowerCase().match(/\p{L}+|\d+/gu) ?? []) : undefined;
  return { severity: severity ?? "warning", known: severity !== undefined };
}

/** A word says more than a number beside it, which may be of any scale. One unknown word may turn the others round: `non-critical`. */
function read(parts: readonly string[]): Severity | "none" | undefined {
  const exact = SEVERITY_WORDS.get(parts.join(""));
  if (exact) return exact;
  const words = parts.filter((part) => !FILLERS.has(part) && !/^\d/.test(part));
  if (words.length > 0) return SEVERITY_WORDS.get(words.join("")) ?? mostSevere(words.map((word) => SEVERITY_WORDS.get(word)));
  const numbers = parts.filter((part) => /^\d/.test(part)).map(Number);
  if (numbers.length !== 1) return undefined;
  return (parts.length > 1 ? CODE_LEVELS : NUMBER_LEVELS)[numbers[0] as number];
}

function mostSevere(levels: readonly (Severity | "none" | undefined)[]): Severity | undefined {
  if (levels.includes(undefined)) return undefined;
  return (["critical", "warning", "info"] as const).find((severity) => levels.includes(severity));
}

/** Severity of a `Warning` event by its reason. */
export const eventSeverity = (reason: string): Severity => (CRITICAL_REASONS.has(reason) ? "critical" : "warning");
