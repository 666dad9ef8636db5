import { PRIORITIES, SEVERITIES, type Urgency } from "../../domain/urgency.ts";

/** How the ledger keeps an urgency: the severity in tens, 3 the highest, and the priority in ones, 4 the highest; 0: none. */
export const urgencyNumber = (urgency: Urgency | null | undefined): number =>
  urgency ? 10 * (SEVERITIES.length - SEVERITIES.indexOf(urgency.severity)) + PRIORITIES.length - PRIORITIES.indexOf(urgency.priority) : 0;

/** Null for what is none. */
export function parseUrgency(text: string | undefined): Urgency | null {
  const severity = SEVERITIES[SEVERITIES.length - Math.floor(Number(text) / 10)];
  const priority = PRIORITIES[PRIORITIES.length - (Number(text) % 10)];
  return severity && priority ? { severity, priority } : null;
}
