import type { Labels } from "./labels.ts";
import type { Priority, Severity } from "./remediation-request.ts";

const isPriority = (word: string | undefined): word is Priority => /^P[0-3]$/.test(word ?? "");
const isProduction = (environment: string): boolean => /^prod(uction)?$/i.test(environment);

/** Priority of an alert: its label `priority` where that is P0-P3, else by severity; critical is P0 in production, P1 elsewhere. */
export function priorityOf(labels: Labels, severity: Severity, environment: string): Priority {
  const told = labels.priority?.trim().toUpperCase();
  if (isPriority(told)) return told;
  if (severity === "critical") return isProduction(environment) ? "P0" : "P1";
  return severity === "warning" ? "P2" : "P3";
}
