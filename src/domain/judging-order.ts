import type { AlertSketch } from "./alert-sketch.ts";

type Alert = Extract<AlertSketch, { kind: "alert" }>;

const instanceKey = ({ fingerprint, instance }: Alert): string => `${fingerprint}:${instance}`;

/** Keys of the instances that resolved and fired again, later, within the payload. */
function refiredInstances(alerts: readonly Alert[]): ReadonlySet<string> {
  const lastStartMs = new Map<string, number>();
  for (const alert of alerts) {
    if (alert.status !== "firing") continue;
    const key = instanceKey(alert);
    lastStartMs.set(key, Math.max(alert.startsAtMs, lastStartMs.get(key) ?? alert.startsAtMs));
  }
  const refired = alerts.filter(
    (alert) => alert.status === "resolved" && alert.startsAtMs < (lastStartMs.get(instanceKey(alert)) ?? -Infinity),
  );
  return new Set(refired.map(instanceKey));
}

/**
 * Indexes of a payload's alerts in the order in which they must be judged. What fires comes before what resolves, so that an instance that
 * ends does not end the episode of another that begins; only an instance that resolved and fired again keeps its own order,
 * instance by instance, after all that merely fires. Otherwise the payload's order stands.
 */
export function inJudgingOrder(alerts: readonly AlertSketch[]): number[] {
  const refired = refiredInstances(alerts.filter((alert) => alert.kind === "alert"));
  const turns = alerts.map((alert, index) => {
    if (alert.kind !== "alert") return { index, turn: 0, key: "", startsAtMs: 0, resolved: 0 };
    const resolved = alert.status === "resolved" ? 1 : 0;
    const key = instanceKey(alert);
    if (refired.has(key)) return { index, turn: 1, key, startsAtMs: alert.startsAtMs, resolved };
    return { index, turn: resolved * 2, key: "", startsAtMs: 0, resolved };
  });
  const text = (a: string, b: string): number => Number(a > b) - Number(a < b);
  return turns
    .sort((a, b) => a.turn - b.turn || text(a.key, b.key) || a.startsAtMs - b.startsAtMs || a.resolved - b.resolved || a.index - b.index)
    .map(({ index }) => index);
}
