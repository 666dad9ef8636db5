import type { Alert, IgnoredAlert, ParsedAlert } from "../domain/alert.ts";
import { identityOf } from "../domain/delivery.ts";
import type { Result } from "../domain/outcome.ts";
import type { WindowRules } from "../domain/window-rules.ts";
import { ADMIT_MAX, type AdmitAlert } from "../ports/ledger.ts";

/** Most characters of drafts in one call: with JSON inside JSON it stays under the 10 MB that Upstash takes. */
const CHUNK_CHARACTERS_MAX = 4 * 1024 * 1024;

/** An alert for the ledger, and its place in the payload. */
export interface Placed {
  readonly index: number;
  readonly alert: AdmitAlert;
  /** Its answer in an earlier sending of the delivery, as far as that is remembered. Null: it has none. */
  readonly known: Result | null;
}

/** Under which rules an alert may open a window of its group; null: it passes at once. */
export type RulesFor = (alert: Alert) => WindowRules | null;

/** The whole alerts at these places of a payload. */
export type Whole = (places: readonly number[]) => Promise<readonly ParsedAlert[]>;

/** What is to be decided of a payload, each place once. */
export interface Agenda {
  /** In the order in which the ledger takes them. */
  readonly places: readonly number[];
  /** Place → what is remembered of it. */
  readonly known: ReadonlyMap<number, Result>;
  /** Fingerprints of which the payload brings several alerts. */
  readonly shared: ReadonlySet<string>;
}

/** The agenda's alerts in calls of a size that the ledger takes, and of `alertsMax` at most, which is asked before each. Each call's are read when it is asked for, so that no more of them are in memory at once. */
export async function* admitChunks(
  { places, known, shared }: Agenda,
  whole: Whole,
  rulesFor: RulesFor,
  alertsMax = () => ADMIT_MAX,
): AsyncGenerator<Placed[]> {
  for (let from = 0, size = 0; from < places.length; from += size) {
    size = alertsMax();
    const slice = places.slice(from, from + size);
    const alerts = await whole(slice);
    let chunk: Placed[] = [];
    let room = CHUNK_CHARACTERS_MAX;
    for (const [at, index] of slice.entries()) {
      const parsed = alerts[at] as Exclude<ParsedAlert, IgnoredAlert>;
      const alert = toAdmit(parsed, shared.has(parsed.fingerprint), rulesFor);
      const characters = alert.draft ? JSON.stringify(alert.draft).length : (alert.invalid?.payload.length ?? 0);
      if (chunk.length > 0 && room < characters) {
        yield chunk;
        chunk = [];
        room = CHUNK_CHARACTERS_MAX;
      }
      room -= characters;
      chunk.push({ index, alert, known: known.get(index) ?? null });
    }
    yield chunk;
  }
}

/** A parsed alert as the ledger is asked about it. `shared`: its delivery brings several of its fingerprint. */
export function toAdmit(parsed: Exclude<ParsedAlert, IgnoredAlert>, shared: boolean, rulesFor: RulesFor): AdmitAlert {
  const common = { fingerprint: parsed.fingerprint, identity: identityOf(parsed), shared, unreachable: false };
  if (parsed.kind === "invalid")
    return {
      ...common,
      kind: "invalid",
      instance: "",
      startsAtMs: 0,
      namespace: parsed.namespace,
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
