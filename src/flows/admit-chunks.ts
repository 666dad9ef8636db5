import type { Alert, ParsedAlert } from "../domain/alert.ts";
import { identityOf } from "../domain/delivery.ts";
import { inJudgingOrder } from "../domain/judging-order.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import { ADMIT_MAX, type AdmitAlert } from "../ports/ledger.ts";

/** Most characters of drafts in one call: with JSON inside JSON it stays under the 10 MB that Upstash takes. */
const CHUNK_CHARACTERS_MAX = 4 * 1024 * 1024;

/** An alert for the ledger, and its place in the payload. */
export interface Placed {
  readonly index: number;
  readonly alert: AdmitAlert;
}

/** Under which rules an alert may open a window of its group; null: it passes at once. */
export type RulesFor = (alert: Alert) => WindowRules | null;

/** A payload's alerts as the ledger takes them: in the order they must be judged, in calls of a size it takes and of `alertsMax` at most. Ignored alerts are left out. */
export function admitChunks(alerts: readonly ParsedAlert[], rulesFor: RulesFor, alertsMax = ADMIT_MAX): Placed[][] {
  const times = new Map<string, number>();
  for (const { fingerprint } of alerts) times.set(fingerprint, (times.get(fingerprint) ?? 0) + 1);
  const chunks: Placed[][] = [];
  let room = 0;
  for (const index of inJudgingOrder(alerts)) {
    const parsed = alerts[index] as ParsedAlert;
    const alert = toAdmit(parsed, (times.get(parsed.fingerprint) ?? 0) > 1, rulesFor);
    if (!alert) continue;
    const characters = alert.draft ? JSON.stringify(alert.draft).length : (alert.invalid?.payload.length ?? 0);
    if (room < characters || (chunks.at(-1)?.length ?? alertsMax) >= alertsMax) {
      chunks.push([]);
      room = CHUNK_CHARACTERS_MAX;
    }
    room -= characters;
    chunks.at(-1)?.push({ index, alert });
  }
  return chunks;
}

function toAdmit(parsed: ParsedAlert, shared: boolean, rulesFor: RulesFor): AdmitAlert | null {
  if (parsed.kind === "ignored") return null;
  const common = { fingerprint: parsed.fingerprint, identity: identityOf(parsed), shared, unreachable: false };
  if (parsed.kind === "invalid")
    return {
      ...common,
      kind: "invalid",
      instance: "",
      startsAtMs: 0,
      namespace: "",
      group: "",
      target: "",
      rule: "",
      windowRules: null,
      event: null,
      draft: null,
      invalid: { reason: parsed.reason, payload: parsed.payload, signalType: parsed.signalType },
    };
  const { instance, startsAtMs, namespace, group, resource, rule, event, status, draft } = parsed;
  return {
    ...common,
    kind: status,
    instance,
    startsAtMs,
    namespace,
    group,
    target: `${namespace}:${resource.kind}:${resource.name}`,
    rule,
    windowRules: rulesFor(parsed),
    event,
    draft: status === "firing" ? draft : null,
    invalid: null,
  };
}
